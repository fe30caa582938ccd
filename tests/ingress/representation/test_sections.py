from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ingress.representation.sections import (
    Forms,
    FormsSection,
    Negotiate,
    NegotiateSection,
)


def test_both_are_on_or_off() -> None:
    """An empty section is all that is built in."""
    forms: TypeAdapter[Any] = TypeAdapter(Forms)
    negotiate: TypeAdapter[Any] = TypeAdapter(Negotiate)
    assert forms.validate_python("off") == negotiate.validate_python("off") == "off"
    assert forms.validate_python({}) == FormsSection()
    assert negotiate.validate_python({}) == NegotiateSection()


def test_only_what_can_be_written_is_offered() -> None:
    """JSON, msgpack and CBOR."""
    with pytest.raises(ValidationError):
        NegotiateSection.model_validate({"media": ["application/xml"]})
