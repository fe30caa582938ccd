from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.transform.expression import (
    MAX_LENGTH,
    ExpressionError,
    check,
    compile_expression,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)

FUNCTIONS = (
    *("sum(@)", "sort(@)", "keys(@)", "join('', @)", "avg(@)", "map(&a, @)", "merge(@, @)"),
    *("max_by(@, &a)", "to_number(@)", "reverse(@)", "@[0:9:2]", "ceil(@)", "a < b"),
)


@pytest.mark.parametrize(
    "text, value, found",
    [
        ("{data: @}", 1, {"data": 1}),
        ("data", {"data": [1]}, [1]),
        ("items[?price > `1`].sku", {"items": [{"price": 2, "sku": "a"}, {"price": 1}]}, ["a"]),
        ("nothing.here", {}, None),
    ],
)
def test_an_expression_selects_and_builds(text: str, value: Any, found: Any) -> None:
    """Envelopes put on and taken off, lists filtered; what is not there is null."""
    assert compile_expression(text)(value) == found
    assert check(text) == text


@pytest.mark.parametrize("text", ["{", "a..b", "nope(", "a" * (MAX_LENGTH + 1), "(" * 3000])
def test_what_is_no_expression_is_told(text: str) -> None:
    """When the file is read, however deep it is."""
    with pytest.raises(ExpressionError):
        compile_expression(text)


@pytest.mark.parametrize(
    "text, value", [("length(@)", 5), ("max(@)", [1, "a"]), ("unknown(@)", 1), ("abs('x')", 1)]
)
def test_a_function_that_does_not_take_what_is_there_is_told(text: str, value: Any) -> None:
    """Without the value itself, which may be anybody's."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)({"secret": 1} if value == 1 else value)
    assert "secret" not in str(caught.value)


@given(
    VALUES,
    st.sampled_from(FUNCTIONS),
)
def test_any_value_gives_one_or_one_error(value: Any, text: str) -> None:
    """Whatever a client sends, nothing else is raised."""
    try:
        compile_expression(text)(value)
    except ExpressionError as error:
        assert str(error)  # noqa: PT017 - a value is right too
