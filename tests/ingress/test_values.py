"""What a value in the route file may be."""

from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from ingress import values


def read(kind: Any, value: object) -> object:
    return TypeAdapter(kind).validate_python(value, strict=True)


@pytest.mark.parametrize(
    "kind, text, value",
    [
        (values.Duration, "250ms", 0.25),
        (values.Size, "2KiB", 2048),
        (values.Share, "25%", 0.25),
        (values.Name, "orders", "orders"),
        (values.OperationName, "orders.create", "orders.create"),
        (values.Media, "image/*", "image/*"),
        (values.Module, "a.b:service", "a.b:service"),
        (values.RouteText, "GET /a/{id}", "GET /a/{id}"),
        (values.Broker, "memory://", "memory://"),
        (values.Short, "k", "k"),
    ],
)
def test_a_value_of_the_right_form_is_read(kind: Any, text: str, value: object) -> None:
    """Durations become seconds, sizes bytes, shares parts of one; texts stay as they are."""
    assert read(kind, text) == value


@pytest.mark.parametrize(
    "kind, text",
    [
        (values.Duration, 5),
        (values.Size, "2 kilobytes"),
        (values.Share, "0.5"),
        (values.Name, "no space"),
        (values.Name, "orders\n"),
        (values.OperationName, "create"),
        (values.Media, "Image/PNG"),
        (values.Module, "a.b"),
        (values.RouteText, "GET a"),
        (values.Broker, "http://a"),
        (values.Short, "x" * 256),
    ],
)
def test_anything_else_is_refused(kind: Any, text: object) -> None:
    """A unit is never guessed, and a name is not mended."""
    with pytest.raises(ValidationError):
        read(kind, text)


def test_a_section_takes_no_key_that_it_does_not_know() -> None:
    """A typo turns nothing off in silence."""

    class Limits(values.Section):
        most: Annotated[int, Field(description="So many.")] = 1

    assert read(Limits, {"most": 2}) == Limits(most=2)
    with pytest.raises(ValidationError, match="extra_forbidden"):
        read(Limits, {"moist": 2})
