"""Lists of names with values, changed: headers, query and path parameters alike."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ingress.transform.expression import ExpressionError, compile_expression
from ingress.transform.sections import FieldsSection, FromSection, PathSection, QuerySection, Value

Pairs = tuple[tuple[str, str], ...]
_Make = Callable[[Any], str | None]


class PairsChange:
    """Removes, renames, sets and adds, in this order: ``PairsChange(section).apply(pairs, seen)``.

    ``seen`` is what the expressions see. Raises ``ExpressionError`` for one that cannot be applied,
    or makes a list or an object.
    """

    __slots__ = ("_add", "_gone", "_rename", "_set", "computes")

    def __init__(self, section: FieldsSection | QuerySection | PathSection) -> None:
        self._rename: Mapping[str, str] = section.rename or {}
        self._set = tuple((name, _maker(value)) for name, value in (section.set or {}).items())
        added = getattr(section, "add", None) or {}
        self._add = tuple((name, _maker(value)) for name, value in added.items())
        self._gone = frozenset(section.remove)
        values = [*(section.set or {}).values(), *added.values()]
        # Whether anything has to be looked at for it.
        self.computes = any(isinstance(value, FromSection) for value in values)

    def apply(self, pairs: Pairs, seen: Any) -> Pairs:  # noqa: ANN401 - JSON
        made = [(name, value) for name, make in self._set if (value := make(seen)) is not None]
        added = [(name, value) for name, make in self._add if (value := make(seen)) is not None]
        replaced = {name for name, _ in made}
        kept = [
            (self._rename.get(name, name), value) for name, value in pairs if name not in self._gone
        ]
        return (*((n, v) for n, v in kept if n not in replaced), *made, *added)


def _maker(value: Value) -> _Make:
    if isinstance(value, str):
        return lambda _: value
    evaluate = compile_expression(value.from_)

    def make(seen: Any) -> str | None:  # noqa: ANN401
        found = evaluate(seen)
        if found is None or isinstance(found, str):
            return found
        if isinstance(found, list | dict):
            raise ExpressionError("it makes a list or an object, where a text is needed")
        return msgspec.json.encode(found).decode()

    return make
