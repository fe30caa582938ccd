import contextlib
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.journal import jsonpath

SHOP: dict[str, Any] = {
    "card": {"number": "4111", "pin": 7},
    "items": [{"pin": 1, "a b": 2}, {"pin": 2}, "text"],
    "pin": None,
}


def changed(value: Any, path: str) -> tuple[int, Any]:
    count = jsonpath.change(value, jsonpath.parse(path), lambda _: "X")
    return count, value


@pytest.mark.parametrize(
    "path, count",
    [
        ("$.card.number", 1),
        ("$.card", 1),
        ("$['card'][\"number\"]", 1),
        ("$.items[0].pin", 1),
        ("$.items[-1]", 1),
        ("$.items[*].pin", 2),
        ("$.items[0]['a b']", 1),
        ("$.*", 3),
        ("$..pin", 4),
        ("$..[0]", 1),
        ("$.card.*", 2),
        ("$.items[9]", 0),
        ("$.card[0]", 0),
        ("$.no.way", 0),
        ("$.pin.more", 0),
    ],
)
def test_a_path_changes_what_it_leads_to(path: str, count: int) -> None:
    """Names, indexes, wildcards and descendants find their places, and count them."""
    found, value = changed(deepcopy(SHOP), path)
    assert found == count
    assert str(value).count("'X'") == count


def test_only_the_place_itself_is_changed() -> None:
    """What stands beside the place stays as it was."""
    assert changed(deepcopy(SHOP), "$.card.number")[1] == {
        **SHOP,
        "card": {"number": "X", "pin": 7},
    }


@pytest.mark.parametrize(
    "text",
    ["", "$", "card", "$card", "$.", "$..", "$.a.", "$[", "$[x]", "$.a[1:2]", "$[?(@.a)]", "$.a b"],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    """A filter, a slice or a typing error is told with how a path is written."""
    with pytest.raises(ValueError, match="a JSON path is written"):
        jsonpath.parse(text)


def test_a_deep_value_is_walked() -> None:
    """A body that is nested as deep as a parser allows does not end the walk."""
    value: Any = {"pin": 1}
    for _ in range(5000):
        value = [value]
    assert jsonpath.change(value, jsonpath.parse("$..pin"), lambda _: "X") == 1


@given(st.text(max_size=30))
def test_any_text_is_a_path_or_an_error(text: str) -> None:
    """Nothing that can stand in a route file raises anything but a ValueError."""
    with contextlib.suppress(ValueError):
        assert jsonpath.parse("$" + text)
