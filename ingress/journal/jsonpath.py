"""Paths to what is to be taken out of a JSON value: the plain part of JSONPath (RFC 9535).

``$.card.number``, ``$['card']``, ``$.items[0].pin``, ``$.items[*].pin``, ``$..pin``: names,
indexes, wildcards and descendants. Filters and slices are not understood, and refused.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

_STEP: Final = re.compile(
    r"(?P<deep>\.\.)?(?:"
    r"(?P<any>\.\*|\[\*\])"
    r"|\[(?P<index>-?[0-9]{1,9})\]"
    r"|\[(?P<quoted>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\]"
    r"|\.?(?P<name>[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\u0080-\U0010ffff-]*)"
    r")"
)
_ESCAPED: Final = re.compile(r"\\(.)")

Change = Callable[[Any], Any]


class Step(msgspec.Struct, frozen=True):
    """One step down: to a member, to an element, or to all of them (``None``)."""

    to: str | int | None
    deep: bool = False


Path = tuple[Step, ...]


def parse(text: str) -> Path:
    """Read a path. Raises ``ValueError`` with a sentence for what is none, or not understood."""
    steps = []
    place = 1
    while text.startswith("$") and place < len(text):
        found = _STEP.match(text, place)
        bare = found and found["name"] and not found["deep"] and text[place] != "."
        if found is None or bare:
            break
        steps.append(_step(found))
        place = found.end()
    if not steps or place < len(text):
        raise ValueError(
            "a JSON path is written $.card.number, $.items[*].pin or $..pin; "
            "filters and slices are not understood"
        )
    return tuple(steps)


def change(value: Any, path: Path, to: Change) -> int:  # noqa: ANN401 - any JSON value
    """Change in place what a path leads to; gives how many there were."""
    count = 0
    for holder, key in _places(value, path):
        holder[key] = to(holder[key])
        count += 1
    return count


def _step(found: re.Match[str]) -> Step:
    deep = bool(found["deep"])
    if found["any"]:
        return Step(None, deep)
    if found["index"]:
        return Step(int(found["index"]), deep)
    name = found["name"] or _ESCAPED.sub(r"\1", found["quoted"][1:-1])
    return Step(name, deep)


def _places(value: Any, path: Path) -> list[tuple[Any, Any]]:  # noqa: ANN401 - any JSON value
    """Give (holder, key) of all that a path leads to, before any of it changes."""
    *before, last = path
    holders = [value]
    for step in before:
        holders = [holder[key] for one in holders for holder, key in _one_step(one, step)]
    return [place for one in holders for place in _one_step(one, last)]


def _one_step(value: Any, step: Step) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any JSON value
    for one in _descendants(value) if step.deep else (value,):
        if isinstance(one, dict):
            if step.to is None:
                yield from ((one, key) for key in one)
            elif step.to in one:
                yield one, step.to
        elif isinstance(one, list):
            if step.to is None:
                yield from ((one, number) for number in range(len(one)))
            elif isinstance(step.to, int) and -len(one) <= step.to < len(one):
                yield one, step.to


def _descendants(value: Any) -> Iterator[Any]:  # noqa: ANN401 - any JSON value
    """Give the value and all below it; not by recursion, for a body may be deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
