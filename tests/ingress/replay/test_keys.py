import pytest

from contracts.call import Caller
from ingress.replay import keys
from ingress.router import Router
from tests.ingress.door import plan
from tests.ingress.replay.playback import item

ROUTER = Router([plan("GET /orders/{id}")])


@pytest.mark.parametrize(
    "text, expected",
    [
        ("caller", "ann"),
        ("path.id", "7"),
        ("path.no", ""),
        ("query.shop", "a\0b"),
        ("header:X-Shop", "c"),
        ("header:x-no", ""),
        ("order.customer", '"bob"'),
        ("order.nothing", ""),
    ],
)
def test_a_key_is_taken_from_the_call(text: str, expected: str) -> None:
    """A key is a caller, a path parameter, a header, a query parameter or a part of the body."""
    asked = item(
        7,
        query="shop=a&shop=b",
        caller=Caller(id="ann", address="10.0.0.1"),
        headers=(("x-shop", "c"),),
        body=b'{"order": {"customer": "bob"}}',
    )
    assert keys.of(text, ROUTER)(asked) == expected


def test_a_call_without_the_key_is_bound_to_nothing() -> None:
    """A body that is no JSON, a path that no route takes and a nameless caller are handled."""
    assert keys.of("order.id")(item(body=b"{")) == ""
    assert keys.of("path.id", ROUTER)(item(path="/other")) == ""
    assert keys.of("caller")(item(caller=Caller(address="10.0.0.1"))) == "10.0.0.1"


@pytest.mark.parametrize("text", ["", "a[", "header", "path.id"])
def test_what_is_no_key_is_refused(text: str) -> None:
    """A text that cannot be a key says how one is written, or what it needs."""
    if text == "header":
        assert keys.of(text)(item(body=b'{"header": 1}')) == "1"
        return
    with pytest.raises(ValueError, match=r"write caller|needs the routes"):
        keys.of(text)
