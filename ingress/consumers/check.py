"""Holds what a route file says of consumers together: a key has one owner and one place."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingress.document import Document
from ingress.problems import Path, Problem


def problems(document: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Find keys that are written into the file, and those that two consumers have."""
    seen: dict[str, Path] = {}
    for path, key in _keys(data.get("consumers")):
        if path not in document.from_environment:
            message = "a key is no thing for a file"
            hint = "write ${NAME}, and export it where the gateway runs"
            yield document.problem(path, message, hint=hint)
        elif key in seen:
            line = document.mark(seen[key]).line
            yield document.problem(path, f"this is the same key as in line {line}")
        seen.setdefault(key, path)


def _keys(consumers: object) -> Iterator[tuple[Path, str]]:
    for name, section in consumers.items() if isinstance(consumers, dict) else ():
        keys = section.get("keys") if isinstance(section, dict) else None
        for index, said in enumerate(keys if isinstance(keys, list) else ()):
            path: Path = ("consumers", name, "keys", index)
            if isinstance(said, dict) and isinstance(said.get("key"), str):
                yield (*path, "key"), said["key"]
            elif isinstance(said, str):
                yield path, said
