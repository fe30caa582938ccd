"""The body of an order."""

import msgspec
import pytest

from contracts.fault import Fault
from ingress import order_body


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """An order."""

    what: str = "all"


@pytest.mark.parametrize("body, what", [(b"", "all"), (b"{}", "all"), (b'{"what": "a"}', "a")])
def test_a_body_is_read(body: bytes, what: str) -> None:
    """An empty one says nothing, so each field has its default."""
    assert order_body.read(body, Order).what == what


@pytest.mark.parametrize(
    "body, code",
    [
        (b'{"what": 1}', "invalid_body"),
        (b'{"who": "a"}', "invalid_body"),
        (b"[]", "invalid_body"),
        (b"{", "invalid_request"),
        (b"\xff", "invalid_request"),
        (b"{} and more", "invalid_request"),
    ],
)
def test_what_is_no_order_is_a_fault(body: bytes, code: str) -> None:
    """JSON of another kind is told from what is no JSON."""
    with pytest.raises(Fault) as caught:
        order_body.read(body, Order)
    assert caught.value.code == code
