"""Paths into JSON, as people write them to say what a comparison is to leave alone.

The part of JSONPath (RFC 9535) that says where: ``$.order.id``, ``$["order id"]``,
``$.items[0]``, ``$.items[*].at`` and ``$.*`` for one step of any name, and ``$..at`` for ``at`` at
any depth. A path that stands without its ``$`` means the same with it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

_STEP: Final = re.compile(
    r"""(?P<deep>\.\.)?(?:\.?(?P<name>[\w-]+)|\.?(?P<star>\*)|\[(?P<any>\*)\]|\[(?P<index>\d+)\]
    |\[(?P<quoted>"(?:[^"\\]|\\.)*"|'[^']*')\])""",
    re.VERBOSE,
)
_PLAIN: Final = re.compile(r"[\w-]+")
_INDEX: Final = re.compile(r"\[\d+\]")


def step(key: str | int) -> str:
    """Write one step into a map or a list."""
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if _PLAIN.fullmatch(key) else f"[{_quote(key)}]"


def general(path: str) -> str:
    """Write a path without saying which item of a list: all of them are one finding."""
    return _INDEX.sub("[*]", path)


class Paths:
    """A set of path patterns. Raises ``ValueError`` for a text that is none."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts = tuple(texts)
        self._exact = _compile(self._texts, "")
        # What is below it is meant too: a step begins with a dot or a bracket.
        self._within = _compile(self._texts, r"(?:[.\[].*)?")

    def __bool__(self) -> bool:
        return bool(self._texts)

    def __repr__(self) -> str:
        return f"<Paths {' '.join(self._texts)}>"

    def name(self, path: str) -> bool:
        """Tell whether one of them is exactly this path."""
        return self._exact is not None and self._exact.fullmatch(path) is not None

    def cover(self, path: str) -> bool:
        """Tell whether this path, or what it stands in, is one of them."""
        return self._within is not None and self._within.fullmatch(path) is not None


def _compile(texts: Iterable[str], tail: str) -> re.Pattern[str] | None:
    forms = [rf"\${''.join(_steps(text))}{tail}" for text in texts]
    return re.compile("|".join(forms), re.DOTALL) if forms else None


def _steps(text: str) -> Iterator[str]:
    rest = text.removeprefix("$")
    if rest and rest == text and rest[0] not in ".[":
        rest = f".{rest}"
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        if found is None:
            msg = f"{text!r} is no path; write $.order.id, $.items[*].at or $..at"
            raise ValueError(msg)
        at = found.end()
        yield _form(found)


def _form(found: re.Match[str]) -> str:
    deep = r"(?:[.\[].*)?" if found["deep"] else ""
    if found["star"]:
        return deep + r"(?:\.[\w-]+|\[[^\]]*\])"
    if found["any"]:
        return deep + r"\[\d+\]"
    if found["index"]:
        return deep + re.escape(f"[{found['index']}]")
    name = found["name"] or _unquote(found["quoted"])
    return deep + re.escape(step(name))


def _quote(key: str) -> str:
    return msgspec.json.encode(key).decode()


def _unquote(text: str) -> str:
    if text[0] == "'":
        return text[1:-1]
    try:
        value: Any = msgspec.json.decode(text)
    except msgspec.DecodeError:
        raise ValueError(f"{text} is no JSON string") from None
    return str(value)
