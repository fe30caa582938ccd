"""Where two JSON values differ."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import msgspec

from ingress.compare.answer import Difference
from ingress.compare.paths import general, step
from ingress.compare.rules import Rules

MOST: Final = 1000
"""Differences that are told of one body; more tell nothing new."""

# Longer lists are sorted instead of searched for the partner of each item: that costs the square.
_SEARCHED: Final = 200
_SHOWN: Final = 200


class _Nothing:
    """What stands for a member that is not there: JSON has ``null`` for one that is."""


_NOTHING: Final = _Nothing()

# A path, and what is there on the left and on the right.
_Place = tuple[str, Any, Any]


def differences(left: Any, right: Any, rules: Rules) -> Iterator[Difference]:  # noqa: ANN401 - JSON
    """Tell what differs, in the order of the left one; at most :data:`MOST`."""
    for kind, (path, mine, other) in islice(_walk(("$", left, right), rules), MOST):
        yield Difference(path=general(path), kind=kind, left=shown(mine), right=shown(other))


def shown(value: Any) -> str:  # noqa: ANN401 - JSON
    """Write a value so that a person may see it, at most 200 characters; nothing for none."""
    if value is _NOTHING:
        return ""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _walk(start: _Place, rules: Rules) -> Iterator[tuple[str, _Place]]:
    """Go through both values at once; a list of its own, so that depth costs no stack."""
    waiting = [start]
    while waiting:
        place = waiting.pop()
        if rules.ignore.cover(place[0]):
            continue
        kind = _kind(place, rules)
        if kind == "inside":
            waiting.extend(reversed(list(_inside(place, rules))))
        elif kind:
            yield kind, place


def _kind(place: _Place, rules: Rules) -> str:
    """Name the difference at a place; empty for none, ``inside`` to look into it."""
    path, left, right = place
    if left is _NOTHING or right is _NOTHING:
        return "added" if left is _NOTHING else "missing"
    sort = _sort(left)
    if sort != _sort(right):
        return "type"
    if sort in {"map", "list"}:
        return "inside"
    if left == right or (sort == "number" and rules.near(path, left, right)):
        return ""
    return "changed"


def _sort(value: Any) -> str:  # noqa: ANN401 - JSON
    match value:
        case bool():
            return "truth"
        case int() | float():
            return "number"
        case str():
            return "text"
        case dict():
            return "map"
        case list():
            return "list"
        case _:
            return "null"


def _inside(place: _Place, rules: Rules) -> Iterator[_Place]:
    path, left, right = place
    if isinstance(left, dict):
        for key in dict.fromkeys([*left, *right]):
            yield path + step(key), left.get(key, _NOTHING), right.get(key, _NOTHING)
        return
    if rules.unordered.name(path):
        left, right = _unpaired(place, rules)
    for index in range(max(len(left), len(right))):
        mine = left[index] if index < len(left) else _NOTHING
        other = right[index] if index < len(right) else _NOTHING
        yield path + step(index), mine, other


def _unpaired(place: _Place, rules: Rules) -> tuple[list[Any], list[Any]]:
    """Take away from two lists the items that have a partner in the other one."""
    path, left, right = place
    if max(len(left), len(right)) > _SEARCHED:
        return sorted(left, key=msgspec.json.encode), sorted(right, key=msgspec.json.encode)
    alone, rest = [], list(right)
    for item in left:
        for index, other in enumerate(rest):
            if next(_walk((path + step(0), item, other), rules), None) is None:
                del rest[index]
                break
        else:
            alone.append(item)
    return alone, rest
