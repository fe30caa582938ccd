"""What is wrong with a configuration file: all of it at once, each with its place.

There is one error type. It knows how to say itself in plain lines
(``file:line:column: path: message``, the form that editors and terminals make
links of); colours and quoted lines are the business of the command line.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

# An index is a number, a key a text: ("routes", 2, "retry").
Path = tuple[str | int, ...]

_CREDENTIALS: Final = re.compile(r"(://[^:@/\s]*):[^@/\s]*@")


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong, and where.

    ``line`` and ``column`` count from 1; 0 stands for the file as a whole.
    ``path`` is the place in the data, ``routes[2].retry.attempts``. ``hint``
    says what to do. ``quote`` is the line as it stands in the file, before
    environment references are filled in, so it never shows what they hold.
    """

    file: str
    message: str
    line: int = 0
    column: int = 0
    path: str = ""
    hint: str = ""
    quote: str = ""

    @property
    def place(self) -> str:
        """``gateway.yaml:12:5``, or the file alone."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        where = f"{self.place}: {self.path}" if self.path else self.place
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}: {self.message}{hint}"


class UsageError(ValueError):
    """The settings of a command do not go together; says what to change."""


class ConfigError(Exception):
    """A configuration that cannot be used; ``problems`` says all that is wrong.

    They stand in the order of the file. ``str()`` gives one plain line each.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(
            sorted(problems, key=lambda p: (p.file, p.line, p.column, p.path, p.message))
        )
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))

    def __repr__(self) -> str:
        file = self.problems[0].file if self.problems else "-"
        return f"<ConfigError {len(self.problems)} in {file}>"


def spell(path: Path) -> str:
    """Write a path as people do: ``routes[2].retry.attempts``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Suggest the known word that ``word`` is nearest to; empty when none is near."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if not near:
        folded = {name.casefold(): name for name in known}
        near = [folded[word.casefold()]] if word.casefold() in folded else []
    return f"did you mean {near[0]}?" if near else ""


def without_password(text: str) -> str:
    """Blank the password of any URL in ``text``: what is printed gets copied."""
    return _CREDENTIALS.sub(r"\1:***@", text)
