"""The JSON Schema (2020-12) of the route file, for editors and for other programs.

It is the model's own, made to tell what a person may write: bounds that the
model holds in seconds and bytes are left to the checker, defaults are written
with their units, and wherever a value is not a free text anyway, a reference
to the environment may stand in its place.
"""

from collections.abc import Iterator
from typing import Any, Final

from ingress import layers, units
from ingress.routefile import DefaultsSection, RouteFile, RouteSection

ID: Final = "gateway.schema.json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_REFERENCE: Final = {
    "type": "string",
    "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}",
    "description": "A reference to the environment: ${NAME} or ${NAME:-default}.",
}
# JSON Schema's words and, where a value may be left out, the model's own.
_LEAST: Final = ("minimum", "ge")
_MORE_THAN: Final = ("exclusiveMinimum", "gt")
_MOST: Final = ("maximum", "le")
_BOUNDS: Final = (*_LEAST, *_MORE_THAN, *_MOST)
_UNITS: Final = (units.DURATION_PATTERN, units.SIZE_PATTERN, units.SHARE_PATTERN)
_SAID_OUTSIDE: Final = ("description", "default", "examples")


def build() -> dict[str, Any]:
    """Build the schema."""
    schema = RouteFile.model_json_schema()
    for section in _sections(schema):
        section.pop("title", None)
        properties = section.get("properties", {})
        for name in properties:
            properties[name] = _property(name, properties[name])
    for name in DefaultsSection.model_fields:
        # What a route leaves out comes from `defaults`, so it has no default of its own.
        schema["$defs"][RouteSection.__name__]["properties"][name].pop("default", None)
    schema["$defs"]["Environment"] = _REFERENCE
    return {"$schema": DIALECT, "$id": ID, "title": "queuegate's route file", **schema}


def _sections(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    yield from schema["$defs"].values()


def _property(name: str, node: dict[str, Any]) -> dict[str, Any]:
    node.pop("title", None)
    default = node.get("default")
    if isinstance(default, dict) or default is None:
        # The defaults of a section are those of its keys; null cannot be written.
        node.pop("default", None)
    elif not isinstance(default, (bool, int)) or name == "max_body":
        node["default"] = layers.write(name, default)
    if bounds := " ".join(_bounds(name, node)):
        node["description"] = f"{node['description']} {bounds}"
    outside: dict[str, Any] = {key: node.pop(key) for key in _SAID_OUTSIDE if key in node}
    branches = [_value(branch) for branch in node.get("anyOf", node.get("oneOf", [node]))]
    branches = [branch for branch in branches if branch.get("type") != "null"]
    if any(_may_be_reference(branch) for branch in branches):
        branches.append({"$ref": "#/$defs/Environment"})
    value = branches[0] if len(branches) == 1 else {"anyOf": branches}
    return {**outside, **value}


def _bounds(name: str, node: dict[str, Any]) -> Iterator[str]:
    """Say in words what a pattern cannot hold."""
    for branch in node.get("anyOf", [node]):
        if branch.get("pattern") in _UNITS:
            for words, keys in (
                ("At least", _LEAST),
                ("More than", _MORE_THAN),
                ("At most", _MOST),
            ):
                for key in keys:
                    # Sizes are never negative, so that need not be said.
                    if key in branch and not (key in _LEAST and branch[key] == 0):
                        yield f"{words} {layers.write(name, branch[key])}."


def _value(node: dict[str, Any]) -> dict[str, Any]:
    if node.get("pattern") in _UNITS:
        node = {key: value for key, value in node.items() if key not in _BOUNDS}
    if "items" in node:
        items = _value(node["items"])
        if _may_be_reference(items):
            items = {"anyOf": [items, {"$ref": "#/$defs/Environment"}]}
        node = {**node, "items": items}
    return node


def _may_be_reference(node: dict[str, Any]) -> bool:
    """Whether the value is a scalar that a reference would not fit otherwise."""
    if node.get("type") in {"integer", "boolean"}:
        return True
    return any(key in node for key in ("pattern", "enum", "const"))
