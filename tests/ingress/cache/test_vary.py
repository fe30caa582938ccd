"""Vary, and values that mean the same."""

import pytest

from ingress.cache.vary import ANYTHING, names, normal, values


def test_the_names_that_vary_lists() -> None:
    """Over lines, in lower case, without empty ones; a star among them is one of them."""
    assert names((("vary", "B, a"), ("vary", ", ,c"))) == ("a", "b", "c")
    assert names(()) == ()
    assert ANYTHING in names((("vary", ", *"),))


def test_what_a_request_says_in_them() -> None:
    """Lines of one name are joined; what is not said is empty."""
    fields = (("b", "1"), ("x", "9"), ("b", "2"))
    assert values(fields, ("a", "b")) == ("", "1,2")


@pytest.mark.parametrize(
    "name, one, other",
    [
        ("accept-language", "en, de", "DE,en"),
        ("accept-language", "en;q=0.5", "en; q=0.5"),
        ("x", "a, b", "a,b"),
        ("x", "a,,b", "a,b"),
    ],
)
def test_values_that_mean_the_same(name: str, one: str, other: str) -> None:
    """Space, order and case count only where they may mean something."""
    assert normal(name, one) == normal(name, other)


@pytest.mark.parametrize(
    "name, one, other",
    [("x", "a, b", "b, a"), ("x", "a", "A"), ("x", '"a, b"', '"a,b"'), ("x", "", "a")],
)
def test_values_that_may_not(name: str, one: str, other: str) -> None:
    """Of a field that is not known nothing is assumed."""
    assert normal(name, one) != normal(name, other)
