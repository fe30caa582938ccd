import asyncio
import time

import pytest

from contracts.fault import Fault
from ingress.auth.decisions import Decision, Decisions
from ingress.auth.identity import Identity
from ingress.auth.refusal import Refused
from tests.harness.waiting import eventually

ANN = Identity(id="ann", scheme="introspection")


class Asking:
    """Answers as told, when it may, and counts."""

    def __init__(self, decision: Decision | Exception) -> None:
        self.decision = decision
        self.times = 0
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self) -> Decision:
        self.times += 1
        await self.go.wait()
        if isinstance(self.decision, Exception):
            raise self.decision
        return self.decision


def yes() -> Asking:
    return Asking(Decision(ANN, "", time.time() + 60))


def no() -> Asking:
    return Asking(Decision(None, "the token is not active", time.time() + 60))


async def test_a_yes_and_a_no_are_remembered() -> None:
    """Neither is asked for twice; one says who it is, the other refuses with its reason."""
    decisions, good, bad = Decisions(10, lambda: 0), yes(), no()
    assert decisions.known("a") is None
    assert await decisions.make("a", good) is ANN
    with pytest.raises(Refused, match="not active"):
        await decisions.make("b", bad)
    assert decisions.known("a") is ANN
    with pytest.raises(Refused, match="not active"):
        decisions.known("b")
    assert repr(decisions) == "<Decisions 1 good, 1 bad>"
    await decisions.close()


async def test_many_calls_ask_once() -> None:
    """All that show one credential wait for one answer, which none takes from the others."""
    decisions, asking = Decisions(10, lambda: 0), yes()
    asking.go.clear()
    waiting = [asyncio.ensure_future(decisions.make("a", asking)) for _ in range(20)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    asking.go.set()
    assert await asyncio.gather(*waiting[1:]) == [ANN] * 19
    assert asking.times == 1


async def test_what_cannot_be_told_is_not_remembered() -> None:
    """A fault is told to all that wait, and the next call asks again."""
    decisions, asking = Decisions(10, lambda: 0), Asking(Fault("auth_unavailable"))
    results = await asyncio.gather(
        *(decisions.make("a", asking) for _ in range(3)), return_exceptions=True
    )
    assert [getattr(one, "code", one) for one in results] == ["auth_unavailable"] * 3
    asking.decision = Decision(ANN, "", time.time() + 60)
    assert await decisions.make("a", asking) is ANN
    assert asking.times == 2


async def test_nobody_hears_of_a_fault_when_all_have_left() -> None:
    """An answer that fails after its callers have gone leaves no complaint behind."""
    decisions, asking = Decisions(10, lambda: 0), Asking(Fault("auth_unavailable"))
    asking.go.clear()
    waiting = asyncio.ensure_future(decisions.make("a", asking))
    await asyncio.sleep(0)
    waiting.cancel()
    asking.go.set()
    for _ in range(3):
        await asyncio.sleep(0)
    assert asking.times == 1


async def test_garbage_drives_out_garbage_only() -> None:
    """However many bad credentials come, the good ones stay known."""
    decisions = Decisions(5, lambda: 0)
    await decisions.make("a", yes())
    for number in range(50):
        with pytest.raises(Refused):
            await decisions.make(f"bad-{number}", no())
    assert decisions.known("a") is ANN
    assert repr(decisions) == "<Decisions 1 good, 5 bad>"


async def test_all_is_forgotten_when_consumers_change() -> None:
    """Also what was asked for before the change and answered after it."""
    generation = 0
    decisions, asking = Decisions(10, lambda: generation), yes()
    await decisions.make("a", asking)
    with pytest.raises(Refused):
        await decisions.make("c", no())
    generation += 1
    assert decisions.known("a") is None
    assert decisions.known("c") is None
    asking.go.clear()
    waiting = asyncio.ensure_future(decisions.make("b", asking))
    await eventually(lambda: asking.times == 2)
    generation += 1
    asking.go.set()
    assert await waiting is ANN
    assert decisions.known("b") is None


async def test_it_stops_asking_when_it_is_closed() -> None:
    """Who still waits then is let go."""
    decisions, asking = Decisions(10, lambda: 0), yes()
    asking.go.clear()
    waiting = asyncio.ensure_future(decisions.make("a", asking))
    await asyncio.sleep(0)
    await decisions.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
