"""The sections of a route that can be switched off."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ingress import plan
from ingress.limit import LimitSettings
from ingress.sections import (
    Breaker,
    BreakerSection,
    Bulkhead,
    BulkheadSection,
    Retry,
    RetrySection,
    Shed,
    ShedSection,
)


@pytest.mark.parametrize(
    "kind, section",
    [
        (Retry, RetrySection),
        (Breaker, BreakerSection),
        (Bulkhead, BulkheadSection),
        (Shed, ShedSection),
    ],
)
def test_a_section_is_a_mapping_or_off(kind: Any, section: type) -> None:
    """An empty mapping has the defaults, and the one word that it takes is ``off``."""
    adapter = TypeAdapter(kind)
    assert adapter.validate_python({}) == section()
    assert adapter.validate_python("off") == "off"
    with pytest.raises(ValidationError):
        adapter.validate_python("on")


@pytest.mark.parametrize(
    "section, compiled",
    [
        (RetrySection(), plan.Retry()),
        (BreakerSection(), plan.Breaker()),
        (ShedSection(), LimitSettings()),
    ],
)
def test_the_defaults_are_those_of_the_plan(section: Any, compiled: object) -> None:
    """What the documentation says is what holds without a word in the file."""
    assert type(compiled)(**section.model_dump()) == compiled
