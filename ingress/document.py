"""Data that remembers where each part of it stood in the file."""

from typing import Any

import msgspec

from ingress.problems import Path, Problem, spell, without_password


class Mark(msgspec.Struct, frozen=True):
    """A place in the file; both count from 1."""

    line: int
    column: int


class Document:
    """What was read: ``value``, and where each part of it stood.

    ``problems`` are those of the file itself. Where one of them left no value,
    ``value`` holds ``None`` and ``broken`` its path, so that the same place is
    not complained about twice. ``from_environment`` are the paths whose values
    came from outside the file: never print those.
    """

    __slots__ = (
        "broken",
        "from_environment",
        "key_marks",
        "lines",
        "marks",
        "problems",
        "source",
        "value",
    )

    def __init__(self, source: str, text: str) -> None:
        self.source = source
        self.lines = text.splitlines()
        self.value: Any = None
        self.marks: dict[Path, Mark] = {}
        self.key_marks: dict[Path, Mark] = {}
        self.problems: list[Problem] = []
        self.broken: set[Path] = set()
        self.from_environment: set[Path] = set()

    def mark(self, path: Path, *, key: bool = False) -> Mark:
        """Give the place of a value (or of its key), or of the nearest parent."""
        if key and path in self.key_marks:
            return self.key_marks[path]
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, Mark(1, 1))

    def problem(
        self, path: Path, message: str, *, hint: str = "", at: Mark | None = None, key: bool = False
    ) -> Problem:
        """Build the problem of the value (or the key) at ``path``."""
        mark = at or self.mark(path, key=key)
        quote = self.lines[mark.line - 1] if 0 < mark.line <= len(self.lines) else ""
        return Problem(
            file=self.source,
            line=mark.line,
            column=mark.column,
            path=spell(path),
            message=message,
            hint=hint,
            quote=without_password(quote),
        )

    def is_broken(self, path: Path) -> bool:
        """Whether the file itself already has a problem at or above ``path``."""
        return any(path[:length] in self.broken for length in range(len(path) + 1))
