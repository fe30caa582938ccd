"""What may be asked of the office."""

import msgspec
import pytest

from ingress.consumers.orders import ConsumerOrder, KeyOrder, PlanOrder, RotateOrder


@pytest.mark.parametrize(
    "kind, text",
    [
        (ConsumerOrder, '{"groups": "a"}'),
        (ConsumerOrder, '{"group": ["a"]}'),
        (ConsumerOrder, '{"groups": [""]}'),
        (ConsumerOrder, '{"disabled": "yes"}'),
        (PlanOrder, '{"concurrent": -1}'),
        (PlanOrder, '{"rates": "1/s"}'),
        (KeyOrder, "{}"),
        (KeyOrder, '{"consumer": "a", "expires_in": 0}'),
        (RotateOrder, '{"overlap": -1}'),
    ],
)
def test_what_is_no_order_is_refused(kind: type[msgspec.Struct], text: str) -> None:
    """With the field that is wrong, before anything is done."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=kind)


def test_what_is_left_out_stays_unset() -> None:
    """To take groups away is another thing than not to speak of them."""
    order = msgspec.json.decode('{"groups": []}', type=ConsumerOrder)
    assert (order.groups, order.roles) == ((), msgspec.UNSET)
