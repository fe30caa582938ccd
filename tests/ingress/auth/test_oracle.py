import asyncio
import logging

import pytest

from contracts.fault import Fault
from ingress.auth.http_client import Unreachable
from ingress.auth.oracle import Oracle
from ingress.auth.refusal import Refused


class Clock:
    """Stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def fine() -> str:
    return "yes"


async def away() -> str:
    raise Unreachable("no answer within 2 s")


async def test_an_answer_is_handed_on() -> None:
    """A yes is a yes, a refusal is a refusal, and neither is a failure."""

    async def refused() -> str:
        raise Refused("the token is not active")

    oracle = Oracle("sso")
    assert await oracle.ask(fine) == "yes"
    for _ in range(20):
        with pytest.raises(Refused):
            await oracle.ask(refused)
    assert repr(oracle) == "<Oracle sso closed>"


async def test_no_answer_is_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    """It is 503 and says nothing of why; the log does."""
    with caplog.at_level(logging.WARNING), pytest.raises(Fault) as caught:
        await Oracle("sso").ask(away)
    assert (caught.value.code, caught.value.status) == ("auth_unavailable", 503)
    assert "within 2 s" not in str(caught.value)
    assert "sso does not answer: no answer within 2 s" in caplog.text


async def test_who_is_down_is_left_alone() -> None:
    """After five failures nobody waits for it, until one asks again and is answered."""
    clock = Clock()
    oracle = Oracle("sso", clock=clock)
    asked = 0

    async def counted() -> str:
        nonlocal asked
        asked += 1
        return await away()

    for _ in range(20):
        with pytest.raises(Fault, match="auth_unavailable"):
            await oracle.ask(counted)
    assert asked == 5
    assert repr(oracle) == "<Oracle sso open>"
    clock.now += 2.1
    assert await oracle.ask(fine) == "yes"
    assert repr(oracle) == "<Oracle sso closed>"


async def test_who_leaves_says_nothing_of_it() -> None:
    """A call that is cancelled while it waits counts neither way."""
    clock = Clock()
    oracle = Oracle("sso", clock=clock)

    async def slow() -> str:
        await asyncio.sleep(30)
        return ""

    for _ in range(10):
        waiting = asyncio.ensure_future(oracle.ask(slow))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert await oracle.ask(fine) == "yes"
