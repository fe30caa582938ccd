from typing import Any

import pytest
from pydantic import ValidationError

from ingress.validation.sections import ValidateSection


def section(**said: Any) -> ValidateSection:
    return ValidateSection.model_validate(said)


def test_a_schema_is_written_out_or_a_file() -> None:
    """Or true and false, which are schemas too."""
    for schema in ({"type": "object"}, "order.yaml#/$defs/A", True, False):
        assert section(body=schema).body == schema
    with pytest.raises(ValidationError):
        section(body=3)


def test_a_parameter_is_described_as_in_openapi() -> None:
    """Schema, required, style and explode, and nothing else."""
    query = {"ids": {"schema": {"type": "array"}, "style": "form", "explode": False}}
    found = section(query=query).query
    assert found is not None
    assert found["ids"].schema_ == {"type": "array"}
    with pytest.raises(ValidationError):
        section(query={"ids": {"type": "array"}})


def test_an_empty_section_asks_for_what_the_operation_says() -> None:
    """Replies are left alone unless one asks."""
    assert section() == ValidateSection()
    assert section().replies == "off"
