"""Secrets of authenticators stand outside of the route file: in the environment, or in files."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingress.document import Document
from ingress.problems import Path, Problem


def problems(document: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Find secrets that are written into the file. None of them is shown."""
    for path in _secrets(data.get("auth")):
        if path not in document.from_environment and not document.is_broken(path):
            hint = "write ${NAME}, and export it where the gateway runs"
            yield document.problem(path, "a secret is no thing for a file", hint=hint)


def _secrets(auth: object) -> Iterator[Path]:
    for name, authenticator in _members(auth):
        for kind, section in _members(authenticator):
            path: Path = ("auth", name, kind)
            yield from _named(section, path, "client_secret")
            keys = section.get("keys") if isinstance(section, dict) else None
            if isinstance(keys, dict) and isinstance(keys.get("secrets"), list):
                for index, secret in enumerate(keys["secrets"]):
                    if isinstance(secret, str):
                        yield (*path, "keys", "secrets", index)
            for index, key in enumerate(keys if isinstance(keys, list) else ()):
                yield from _named(key, (*path, "keys", index), "secret")


def _named(section: object, path: Path, name: str) -> Iterator[Path]:
    if isinstance(section, dict) and isinstance(section.get(name), str):
        yield (*path, name)


def _members(section: object) -> Iterator[tuple[str, Any]]:
    yield from section.items() if isinstance(section, dict) else ()
