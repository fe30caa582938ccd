"""What the model found wrong, in words that say what to write instead.

The model names a place by its own steps, which include the branches of a
union; the file names it by keys. And it likes to show the value, which may be
a secret that came from the environment: no value is repeated here that did.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ingress import units
from ingress.branches import BRANCHES, ON
from ingress.document import Document
from ingress.problems import Path, Problem, did_you_mean

_STEPS: Final = BRANCHES | {"[key]"}

_KINDS: Final[Mapping[str, str]] = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}

_BOUNDS: Final[Mapping[str, str]] = {
    "greater_than": "this must be more than {}",
    "greater_than_equal": "this must be at least {}",
    "less_than": "this must be less than {}",
    "less_than_equal": "this must be at most {}",
    "too_short": "this must not be empty",
    "string_too_short": "this must not be empty",
    "too_long": "this is too long: at most {} fit",
    "string_too_long": "this is too long: at most {} characters fit",
}


def of(
    errors: Iterable[Mapping[str, Any]], document: Document, schema: Mapping[str, Any]
) -> list[Problem]:
    """Turn the model's errors into problems, without those that the file already has."""
    found = []
    all_errors = list(errors)
    for error in all_errors:
        # A list whose only item is wrong is also "too short" to the model.
        if error["type"] == "too_short" and any(_below(other, error) for other in all_errors):
            continue
        path: Path = tuple(step for step in error["loc"] if step not in _STEPS)
        if not document.is_broken(path):
            found.append(_problem(error, path, document, schema))
    return found


def _below(error: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    length = len(other["loc"])
    return len(error["loc"]) > length and bool(error["loc"][:length] == other["loc"])


def _problem(
    error: Mapping[str, Any], path: Path, document: Document, schema: Mapping[str, Any]
) -> Problem:
    kind = error["type"]
    if kind == "missing":
        return document.problem(path[:-1], f"the key {path[-1]!r} is missing")
    if kind == "extra_forbidden":
        known = keys_at(schema, path[:-1])
        hint = did_you_mean(str(path[-1]), known) or f"known here: {', '.join(known)}"
        return document.problem(path, "no such key", hint=hint, key=True)
    key = bool(error["loc"]) and error["loc"][-1] == "[key]"
    secret = path in document.from_environment
    hint = _hint(error) if not secret else _hint_for_environment(error)
    return document.problem(path, _message(error, secret=secret), hint=hint, key=key)


def _message(error: Mapping[str, Any], *, secret: bool) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _KINDS:
        wanted = "a mapping of settings, or off" if ON in error["loc"][-1:] else _KINDS[kind]
        return f"this must be {wanted}, not {_kind_of(error['input'])}"
    if kind == "value_error":
        text = str(context["error"])
        # A quotation mark means that the sentence repeats a part of the value.
        return "the value cannot be used here" if secret and "'" in text else text
    if kind == "literal_error":
        return f"this must be one of {context['expected']}"
    sentence = _BOUNDS.get(kind)
    return sentence.format(_bound(error)) if sentence else str(error["msg"])


def _hint(error: Mapping[str, Any]) -> str:
    kind, value = error["type"], error["input"]
    if kind == "literal_error" and isinstance(value, str):
        options = [
            word.strip("'") for word in error["ctx"]["expected"].replace(" or", ",").split(", ")
        ]
        return did_you_mean(value, options)
    if kind == "string_type" and isinstance(value, (int, float)):
        return "quote it"
    if kind in {"model_type", "model_attributes_type"} and value is False and ON in error["loc"]:
        return "write off"
    return ""


def _hint_for_environment(error: Mapping[str, Any]) -> str:
    if error["type"] in {"int_type", "bool_type"} and isinstance(error["input"], str):
        return "the value comes from the environment; without quotes it may be a number"
    return "the value comes from the environment"


def _bound(error: Mapping[str, Any]) -> str:
    """Write the bound with the unit of the value: the model holds seconds and bytes."""
    context, value = error["ctx"], error["input"]
    bound = next(
        context[key]
        for key in ("gt", "ge", "lt", "le", "max_length", "min_length")
        if key in context
    )
    if not isinstance(value, str) or "max_length" in context or "min_length" in context:
        return f"{bound:g}"
    if value.endswith("%"):
        return units.write_share(bound)
    return units.write_size(bound) if value.endswith("B") else units.write_duration(bound)


def _kind_of(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "a text"}
    kinds |= {list: "a list", dict: "a mapping", type(None): "nothing"}
    return kinds.get(type(value), "this")


def keys_at(schema: Mapping[str, Any], path: Path) -> list[str]:
    """Give the keys that the schema knows in the mapping at ``path``."""
    node: Mapping[str, Any] = schema
    for step in path:
        node = _step(_resolve(node, schema), step)
    return list(_resolve(node, schema).get("properties", {}))


def _step(node: Mapping[str, Any], step: str | int) -> Mapping[str, Any]:
    if isinstance(step, int):
        return dict(node.get("items", {}))
    of_any_name = [node.get("additionalProperties"), *node.get("patternProperties", {}).values()]
    known = [node.get("properties", {}).get(step), *of_any_name]
    return next((one for one in known if isinstance(one, dict)), {})


def _resolve(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, and of a choice the branch that is a mapping or a list."""
    while True:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
            continue
        for branch in node.get("oneOf", node.get("anyOf", ())):
            if "$ref" in branch or branch.get("type") in {"object", "array"}:
                node = branch
                break
        else:
            return node
