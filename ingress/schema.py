"""The JSON Schema (2020-12) of the route file, for editors and for other programs.

It is the model's own, made to tell what a person may write: bounds that the
model holds in seconds and bytes are left to the checker, defaults are written
with their units, and wherever a value is not a free text anyway, a reference
to the environment may stand in its place.
"""

from typing import Any, Final

from ingress import units, writing
from ingress.routefile import RouteFile
from ingress.routesections import DefaultsSection, GroupSection, RouteSection
from ingress.values import Section

ID: Final = "gateway.schema.json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_REFERENCE: Final = {
    "type": "string",
    "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}",
    "description": "A reference to the environment: ${NAME} or ${NAME:-default}.",
}
_WORDS: Final = {"ge": "At least", "gt": "More than", "le": "At most"}
# What JSON Schema says of numbers, and where a value may be left out the model's own words.
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", *_WORDS)
_UNITS: Final = (units.DURATION_PATTERN, units.SIZE_PATTERN, units.SHARE_PATTERN)
_SAID_OUTSIDE: Final = ("description", "default", "examples")


def build() -> dict[str, Any]:
    """Build the schema."""
    schema = RouteFile.model_json_schema()
    for title, section in [("", schema), *schema["$defs"].items()]:
        section.pop("title", None)
        properties = section.get("properties", {})
        # Those that must be there first, as one writes them.
        names = sorted(properties, key=lambda name: name not in section.get("required", ()))
        if names:
            described = {name: _property(title, name, properties[name]) for name in names}
            section["properties"] = described
    for name in DefaultsSection.model_fields:
        # What a route leaves out comes from `defaults`, so it has no default of its own.
        for section in (RouteSection, GroupSection):
            schema["$defs"][section.__name__]["properties"][name].pop("default", None)
    schema["$defs"]["Environment"] = _REFERENCE
    return {"$schema": DIALECT, "$id": ID, "title": "queuegate's route file", **schema}


def _property(section: str, name: str, node: dict[str, Any]) -> dict[str, Any]:
    node.pop("title", None)
    default = node.get("default")
    if isinstance(default, dict) or default is None:
        # The defaults of a section are those of its keys; null cannot be written.
        node.pop("default", None)
    elif not isinstance(default, (bool, int, list)) or writing.has_unit(name):
        node["default"] = writing.write(name, default)
    if any(branch.get("pattern") in _UNITS for branch in node.get("anyOf", [node])):
        node["description"] += _bounds(section, name)
    outside: dict[str, Any] = {key: node.pop(key) for key in _SAID_OUTSIDE if key in node}
    branches = [_value(branch) for branch in node.get("anyOf", node.get("oneOf", [node]))]
    branches = [branch for branch in branches if branch.get("type") != "null"]
    if any(_may_be_reference(branch) for branch in branches):
        branches.append({"$ref": "#/$defs/Environment"})
    value = branches[0] if len(branches) == 1 else {"anyOf": branches}
    return {**outside, **value}


def _bounds(section: str, name: str) -> str:
    """Say in words what a pattern cannot hold."""
    model = RouteFile if section == "" else _model(section)
    # The kinds of bounds differ in the one attribute that each has.
    limits = {
        key: getattr(bound, key)
        for bound in model.model_fields[name].metadata
        for key in _WORDS
        if hasattr(bound, key)
    }
    # Sizes are never negative, so that need not be said.
    said = [(key, limit) for key, limit in limits.items() if (key, limit) != ("ge", 0)]
    return "".join(f" {_WORDS[key]} {writing.write(name, limit)}." for key, limit in said)


def _model(name: str) -> type[Section]:
    """Find a section by its name, in whatever file it stands."""
    waiting = [Section]
    while (one := waiting.pop()).__name__ != name:
        waiting += one.__subclasses__()
    return one


def _value(node: dict[str, Any]) -> dict[str, Any]:
    if node.get("pattern") in _UNITS:
        node = {key: value for key, value in node.items() if key not in _BOUNDS}
    if "patternProperties" in node:
        # The model's words would let any value stand under a name that does not fit.
        ((name, of_any_name),) = node["patternProperties"].items()
        node = {"type": "object", "propertyNames": {"pattern": name}}
        node["additionalProperties"] = of_any_name
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
