import pytest

from ingress.journal.filter import Filter
from ingress.replay.order import Order


def test_an_order_is_kept_as_plain_values() -> None:
    """What is kept with a run gives the same order again, by another process too."""
    order = Order(
        source="/tmp/a.har",  # noqa: S108 - a text
        wanted=Filter(statuses=((500, 599),), headers=(("a", "b"),), until=5),
        to="http://x",
        rate=5.0,
        allow=("unsafe",),
        supplied=("authorization",),
    )
    assert Order.of(order.as_dict()) == order
    assert Order.of(Order().as_dict()) == Order()
    with pytest.raises(ValueError, match="Expected"):
        Order.of({"limit": "many"})


def test_an_order_names_one_target() -> None:
    """The targets are counted, and the pace is made of speed or rate."""
    assert Order().targets == 0
    assert Order(to="http://x", direct=True, queue="q", exchange="e").targets == 4
    assert repr(Order(speed=2.0).pace) == "at 2 times the pace"
    with pytest.raises(ValueError, match="exclude"):
        assert Order(speed=2.0, rate=1.0).pace
