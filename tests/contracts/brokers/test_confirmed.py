import pytest

from contracts.brokers.confirmed import publish_confirmed
from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Message, OnOutcome, Queue
from contracts.fault import Fault


class Silent(MemoryBroker):
    """A broker that takes everything and never says so, until it is told to."""

    def __init__(self) -> None:
        super().__init__(MemoryHub())
        self.outcomes: list[OnOutcome] = []

    def publish(
        self,
        message: Message,
        *,
        routing_key: str,
        exchange: str = "",
        on_outcome: OnOutcome | None = None,
    ) -> None:
        assert on_outcome is not None
        self.outcomes.append(on_outcome)


async def test_it_returns_when_the_broker_has_the_message() -> None:
    """It returns when the message is in its queue, and raises the fault when it is in none."""
    broker = MemoryBroker(MemoryHub())
    broker.start()
    await broker.ready(5)
    await broker.declare(Queue(name="q"))
    await publish_confirmed(broker, Message(), routing_key="q")
    stats = await broker.stats("q")
    assert stats is not None
    assert stats.messages == 1
    with pytest.raises(Fault, match="no_route"):
        await publish_confirmed(broker, Message(), routing_key="missing")
    await broker.close()


async def test_no_word_in_time_is_a_fault_that_may_have_got_through() -> None:
    """Without a confirm in time nobody knows, and a confirm that comes later harms nothing."""
    broker = Silent()
    with pytest.raises(Fault, match=r"did not confirm within 0\.01 s") as raised:
        await publish_confirmed(broker, Message(), routing_key="q", within=0.01)
    assert not raised.value.not_run
    broker.outcomes[0](None)
