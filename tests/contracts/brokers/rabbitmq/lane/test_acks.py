import pamqp.frame
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands

from contracts.brokers.rabbitmq.lane.acks import Acks


class Broker:
    """What a broker does with acknowledgements: one that it does not wait for is an error."""

    def __init__(self, delivered: int) -> None:
        self.waits_for = set(range(1, delivered + 1))

    def read(self, data: bytes) -> int:
        """Take what was sent; gives the number of frames."""
        count = 0
        while data:
            size, channel, method = pamqp.frame.unmarshal(data)
            assert isinstance(method, commands.Basic.Ack)
            assert channel == 5
            assert method.delivery_tag in self.waits_for
            if method.multiple:
                self.waits_for -= set(range(method.delivery_tag + 1))
            self.waits_for.discard(method.delivery_tag)
            data, count = data[size:], count + 1
        return count


def test_one_frame_for_all_up_to_one() -> None:
    """Deliveries settled in their order take one frame a turn, however many they are."""
    acks, broker = Acks(5), Broker(30)
    for turn in (range(1, 11), range(11, 12), range(12, 31)):
        for tag in turn:
            acks.add(tag)
        assert broker.read(acks.take()) == 1
    assert broker.waits_for == set()
    assert repr(acks) == "<Acks up to 30, 0 beyond, 0 new>"


def test_who_is_not_settled_is_left_out() -> None:
    """An acknowledgement of many never covers one that still runs."""
    acks, broker = Acks(5), Broker(6)
    for tag in (1, 2, 4, 6):
        acks.add(tag)
    assert broker.read(acks.take()) == 3
    assert broker.waits_for == {3, 5}
    acks.add(3)
    assert broker.read(acks.take()) == 1
    assert broker.waits_for == {5}


def test_a_reject_is_a_settlement_too() -> None:
    """What was given back is in nobody's way."""
    acks, broker = Acks(5), Broker(4)
    acks.forget(1)
    broker.waits_for.remove(1)
    for tag in (2, 3, 4):
        acks.add(tag)
    assert broker.read(acks.take()) == 1
    assert broker.waits_for == set()


@given(data=st.data(), delivered=st.integers(1, 40))
def test_in_any_order(data: st.DataObject, delivered: int) -> None:
    """Each turn the broker waits for just what is not settled."""
    acks, broker = Acks(5), Broker(delivered)
    order = data.draw(st.permutations(range(1, delivered + 1)))
    open_tags = set(order)
    while order:
        turn = data.draw(st.integers(1, len(order)))
        for tag in order[:turn]:
            open_tags.remove(tag)
            if data.draw(st.booleans()):
                acks.forget(tag)
                broker.waits_for.remove(tag)
            else:
                acks.add(tag)
        sent = acks.take()
        broker.read(sent)
        assert broker.waits_for == open_tags
        order = order[turn:]
