import asyncio

from contracts.brokers.rabbitmq.plain.outbox import HIGH_WATER, Outbox
from tests.harness.waiting import eventually


class Steps:
    """Steps that write down when they are done, and wait to be let go on."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.go = asyncio.Event()

    def __call__(self, name: str, *, fails: bool = False) -> "Step":
        return Step(self, name, fails=fails)


class Step:
    def __init__(self, steps: Steps, name: str, *, fails: bool) -> None:
        self.steps, self.name, self.fails = steps, name, fails

    async def __call__(self) -> None:
        await self.steps.go.wait()
        if self.fails:
            raise ConnectionError("gone")
        self.steps.done.append(self.name)


async def test_in_order() -> None:
    """What is to be said is said in order, however long each takes."""
    steps, outbox = Steps(), Outbox(lambda: None)
    for name in ("reply", "ack", "reply 2", "ack 2"):
        outbox.put(steps(name))
    assert steps.done == []
    steps.go.set()
    await outbox.flush(1)
    assert steps.done == ["reply", "ack", "reply 2", "ack 2"]
    outbox.put(steps("later"))
    await outbox.flush(1)
    assert steps.done[-1] == "later"


async def test_full_and_writable_again() -> None:
    """Above the high-water mark it is full, and says so when it is not any more."""
    told: list[bool] = []
    steps = Steps()
    outbox = Outbox(lambda: told.append(outbox.full))
    outbox.put(steps("large"), HIGH_WATER)
    assert not outbox.full
    outbox.put(steps("one more"), 1)
    assert outbox.full
    steps.go.set()
    await eventually(lambda: told)
    assert told == [False]


async def test_a_lost_channel_empties_it() -> None:
    """After a failure nothing more is said; patience has an end."""
    steps, outbox = Steps(), Outbox(lambda: None)
    outbox.put(steps("a", fails=True))
    outbox.put(steps("b"))
    await outbox.flush(0.01)
    assert repr(outbox) == "<Outbox steps=1 bytes=0>"
    steps.go.set()
    await outbox.flush(1)
    outbox.clear()
    assert (steps.done, repr(outbox)) == ([], "<Outbox steps=0 bytes=0>")
