"""Whether each limit that a route names is there."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingress.document import Document
from ingress.problems import Path, Problem, did_you_mean

Entry = tuple[Path, Mapping[str, Any]]


def problems(document: Document, entries: Iterable[Entry], limits: object) -> Iterator[Problem]:
    """Find names of limits that nobody declared; ``entries`` are routes, groups, defaults."""
    known = list(map(str, limits)) if isinstance(limits, dict) else []
    for path, entry in entries:
        named = entry.get("limits")
        for index, name in enumerate(named if isinstance(named, list) else ()):
            if not isinstance(name, str) or name in known:
                continue
            here = (*path, "limits", index)
            hint = did_you_mean(name, known) or f"declare it at the top: limits: {{{name}: ...}}"
            yield document.problem(here, f"no limit {name!r} is declared", hint=hint)
