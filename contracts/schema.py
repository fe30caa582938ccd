"""Python types to JSON Schema (2020-12), for documentation and checks.

msgspec knows the standard types, its Structs, dataclasses and TypedDicts. pydantic models are asked
by the methods that they carry, so that pydantic is never imported for those who do not use it.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeGuard

import msgspec

_MODEL_METHODS: Final = ("model_json_schema", "model_validate_json", "model_dump_json")


def schema_of(kind: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - any annotation
    """Give the JSON Schema of the type ``kind``, or ``None`` when it says nothing.

    Named types are under ``$defs``, and the schema refers to them. ``Any`` and types that have no
    JSON form say nothing.
    """
    found: dict[str, Any] = {}

    def schema_hook(stranger: type) -> dict[str, Any]:
        if not is_model(stranger):
            raise NotImplementedError
        schema = stranger.model_json_schema(ref_template="#/$defs/{model}")
        # References start at the root of the document, so the definitions have to be there.
        found.update(schema.pop("$defs", {}))
        return schema

    try:
        schema = msgspec.json.schema(kind, schema_hook=schema_hook)
    except (TypeError, NotImplementedError):
        return None
    if found:
        schema["$defs"] = {**found, **schema.get("$defs", {})}
    return schema or None


class Model(Protocol):
    """What of a pydantic model (version 2) is used here."""

    @classmethod
    def model_json_schema(cls, *, ref_template: str) -> dict[str, Any]: ...

    @classmethod
    def model_validate(cls, obj: Any) -> Any: ...  # noqa: ANN401

    @classmethod
    def model_validate_json(cls, json_data: bytes) -> Any: ...  # noqa: ANN401

    def model_dump_json(self) -> str: ...


def is_model(kind: object) -> TypeGuard[type[Model]]:
    """Say whether ``kind`` is a pydantic model class."""
    return isinstance(kind, type) and all(hasattr(kind, name) for name in _MODEL_METHODS)
