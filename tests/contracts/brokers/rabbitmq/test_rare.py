import asyncio
import gc

import aiormq.exceptions as amqp
import pytest

from contracts.brokers.rabbitmq.rare import ask, translated
from contracts.fault import Fault


async def give(value: object) -> object:
    return value


async def fail(error: BaseException) -> None:
    raise error


async def test_an_answer() -> None:
    """An answer is given as it comes."""
    assert await ask(give(7)) == 7


@pytest.mark.parametrize(
    "error, code",
    [
        (amqp.ChannelNotFoundEntity("no queue"), "no_route"),
        (amqp.ChannelPreconditionFailed("other settings"), "conflict"),
        (amqp.ChannelLockedResource("exclusive"), "conflict"),
        (amqp.ChannelAccessRefused("no right"), "conflict"),
        (amqp.ChannelInvalidStateError("closed"), "broker_down"),
        (amqp.AMQPConnectionError("refused"), "broker_down"),
        (RuntimeError("closed"), "broker_down"),
        (Fault("busy"), "busy"),
        # aiormq rejects what is pending with it, though nobody was cancelled.
        (asyncio.CancelledError(), "broker_down"),
    ],
    ids=repr,
)
async def test_each_error_is_a_fault(error: BaseException, code: str) -> None:
    """Whatever aiormq raises becomes a Fault."""
    with pytest.raises(Fault, match=code):
        await ask(fail(error))


async def test_patience_has_an_end() -> None:
    """No answer in time is ``broker_down``, and the call is cancelled."""
    call = asyncio.sleep(60)
    with pytest.raises(Fault, match=r"no answer from the broker in 0.01 s"):
        await ask(call, within=0.01)


async def test_a_true_cancellation_stays_one() -> None:
    """Who is cancelled while waiting is cancelled, and so is the call."""
    inner = asyncio.ensure_future(asyncio.sleep(60))

    async def wait() -> None:
        await inner

    task = asyncio.ensure_future(ask(wait()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert inner.cancelled()


async def test_nobody_complains_of_what_was_given_up() -> None:
    """A call that fails in the moment in which its caller is cancelled is not reported as lost."""
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    task = asyncio.ensure_future(ask(fail(OSError("late"))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises((asyncio.CancelledError, Fault)):
        await task
    del task
    gc.collect()
    await asyncio.sleep(0)
    assert told == []


def test_an_error_without_words() -> None:
    """An error that says nothing is told by its name."""
    assert translated(ConnectionResetError()).detail == "ConnectionResetError"
