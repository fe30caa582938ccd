import asyncio

import pytest

from contracts.brokers.port import Message, OnOutcome
from contracts.brokers.rabbitmq import exchanges
from contracts.brokers.rabbitmq.exchanges import Exchanges
from contracts.fault import Fault
from tests.contracts.brokers.kit import Outcomes


class Channel:
    """Looks for exchanges and publishes to them, when it is told to."""

    def __init__(self) -> None:
        self.looks: list[str] = []
        self.sent: list[tuple[str, str]] = []
        self.answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def look(self, exchange: str) -> None:
        self.looks.append(exchange)
        await asyncio.shield(self.answer)

    def publish(self, _: Message, key: str, exchange: str, on_outcome: OnOutcome | None) -> None:
        if key == "refuse":
            raise Fault("invalid_request")
        self.sent.append((exchange, key))


@pytest.fixture
async def channel() -> Channel:
    return Channel()


@pytest.fixture
def known(channel: Channel) -> Exchanges:
    return Exchanges(channel.look, channel.publish)


async def test_one_look_for_all(channel: Channel, known: Exchanges) -> None:
    """Messages wait for one look together, leave in order, and later ones at once."""
    outcomes = Outcomes()
    for key in ("1", "2", "refuse"):
        known.publish(Message(), key, "e", outcomes)
    await asyncio.sleep(0)
    assert (channel.looks, channel.sent) == (["e"], [])
    channel.answer.set_result(None)
    await outcomes.wait()
    known.publish(Message(), "3", "e", None)
    assert channel.sent == [("e", "1"), ("e", "2"), ("e", "3")]
    assert (channel.looks, outcomes.codes) == (["e"], ["invalid_request"])
    assert repr(known) == "<Exchanges seen=['e'] waiting=[]>"


async def test_not_there(channel: Channel, known: Exchanges) -> None:
    """When an exchange is not there all who wait hear it, and the next one looks again."""
    outcomes = Outcomes()
    for _ in range(2):
        known.publish(Message(), "k", "e", outcomes)
    channel.answer.set_exception(Fault("no_route"))
    assert await outcomes.wait(2) == ["no_route"] * 2
    known.publish(Message(), "k", "e", None)
    await asyncio.sleep(0)
    assert channel.looks == ["e", "e"]


async def test_a_loss_while_looking(channel: Channel, known: Exchanges) -> None:
    """A loss tells who waits that nothing was sent."""
    outcomes = Outcomes()
    known.publish(Message(), "k", "e", outcomes)
    known.lost("gone")
    assert outcomes.heard[0] is not None
    assert (outcomes.codes, outcomes.heard[0].not_run) == (["broker_down"], True)
    channel.answer.set_result(None)
    await asyncio.sleep(0)
    assert channel.sent == []


async def test_not_too_many_wait(
    channel: Channel, known: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number that wait is limited."""
    monkeypatch.setattr(exchanges, "MAX_WAITING", 1)
    known.publish(Message(), "k", "e", None)
    with pytest.raises(Fault, match="broker_blocked"):
        known.publish(Message(), "k", "e", None)
    channel.answer.set_result(None)
    await asyncio.sleep(0)
