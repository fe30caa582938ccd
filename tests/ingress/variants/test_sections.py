"""What the route file says about variants."""

import pytest
from pydantic import TypeAdapter, ValidationError

from ingress.variants.sections import KeySource, Variants, VariantSection


def test_a_variant_gets_nothing_unless_it_is_said() -> None:
    """No weight and nobody named."""
    section = VariantSection(queue="q")
    assert (section.weight, section.callers, section.headers) == (0.0, (), None)


@pytest.mark.parametrize("wrong", [{}, {"a b": {}}, {"a": {"weight": "101%"}}, {"a": {"wait": 1}}])
def test_what_is_no_variant_is_refused(wrong: dict[str, object]) -> None:
    """Nor a list of none."""
    with pytest.raises(ValidationError):
        TypeAdapter(Variants).validate_python(wrong)


def test_a_key_is_one_of_a_few() -> None:
    """In the words of the page."""
    with pytest.raises(ValidationError, match="a key is caller"):
        TypeAdapter(KeySource).validate_python("ip")
