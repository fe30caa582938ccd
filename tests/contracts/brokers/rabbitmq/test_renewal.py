import asyncio
from collections.abc import Callable

import pytest

from contracts.brokers.port import Message, OnOutcome, Queue
from contracts.brokers.rabbitmq import renewal
from contracts.brokers.rabbitmq.renewal import Renewal
from contracts.fault import Fault
from tests.contracts.brokers.kit import Outcomes, up
from tests.contracts.brokers.rabbitmq.kit import RabbitKit
from tests.harness.waiting import eventually


class Channel:
    """A publishing channel that says when it was left."""

    def __init__(self) -> None:
        self.on_refused: Callable[[], None] | None = None
        self.outstanding = 0
        self.left = False
        self.reasons: list[str] = []

    def publish(self, _: Message, __: str, ___: str, on_outcome: OnOutcome | None) -> None:
        raise NotImplementedError

    def lost(self, reason: str) -> None:
        self.reasons.append(reason)

    async def leave(self) -> None:
        self.left = True

    def refuse(self) -> None:
        if self.on_refused is not None:
            self.on_refused()


class Bench:
    """A renewal with channels that do nothing; ``used`` are those taken into use."""

    def __init__(self) -> None:
        self.used = [Channel()]
        self.fault: Fault | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.renewal = Renewal(
            self.used[0],
            open_next=self.open_next,
            use=self.used.append,  # type: ignore[arg-type]  # they are ours
            do=lambda chore: self.tasks.add(asyncio.ensure_future(chore)),
        )

    async def open_next(self) -> Channel:
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        return Channel()


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(renewal, "PATIENCE", 0.03)
    return Bench()


async def _refuses(bench: Bench, seconds: float) -> None:
    """Let the first channel refuse again and again for so long."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        bench.used[0].refuse()
        await asyncio.sleep(0.005)


async def test_who_refuses_for_long_is_replaced(bench: Bench) -> None:
    """One fresh channel takes its place, and the old one leaves once its outcomes are there."""
    old = bench.used[0]
    old.outstanding = 1
    await _refuses(bench, 0.1)
    assert len(bench.used) == 2
    assert (old.left, old.on_refused, old.reasons) == (False, None, [])
    assert repr(bench.renewal) == "<Renewal retired=1>"
    old.outstanding = 0
    await eventually(lambda: old.left)
    assert repr(bench.renewal) == "<Renewal retired=0>"


async def test_a_short_refusal_is_a_full_queue(bench: Bench) -> None:
    """Refusals within our patience change nothing."""
    for _ in range(10):
        bench.used[0].refuse()
    await asyncio.sleep(0)
    assert (len(bench.used), bench.tasks) == (1, set())


async def test_a_channel_that_cannot_be_opened_is_tried_again(bench: Bench) -> None:
    """While no fresh channel is to be had the old one stays in use."""
    bench.fault = Fault("broker_down")
    await _refuses(bench, 0.06)
    assert (len(bench.used), bench.used[0].left) == (1, False)
    bench.fault = None
    await _refuses(bench, 0.02)
    await eventually(lambda: len(bench.used) == 2)


async def test_a_loss_is_told_to_old_channels_too(bench: Bench) -> None:
    """Who still waits for an outcome on an old channel hears of the end of the connection."""
    old = bench.used[0]
    old.outstanding = 1
    await _refuses(bench, 0.1)
    bench.renewal.lost("gone")
    assert old.reasons == ["gone"]
    for task in bench.tasks:
        task.cancel()


async def test_a_full_queue_is_busy_on_each_channel(
    kit: RabbitKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the channel is renewed: each refusal is ``busy``, and other queues are fine."""
    monkeypatch.setattr(renewal, "PATIENCE", 0.1)
    client, refused, fine = await up(kit), Outcomes(), Outcomes()
    await client.declare(Queue(name="full", max_length=1))
    await client.declare(Queue(name="q"))
    client.publish(Message(), routing_key="full")
    sent, end = 0, asyncio.get_running_loop().time() + 0.6
    while asyncio.get_running_loop().time() < end:
        sent += 1
        client.publish(Message(), routing_key="full", on_outcome=refused)
        client.publish(Message(), routing_key="q", on_outcome=fine)
        await fine.wait(sent)
        await refused.wait(sent)
        await asyncio.sleep(0.01)
    assert set(refused.codes) == {"busy"}
    assert (set(fine.codes), len(fine.codes)) == ({""}, sent)
