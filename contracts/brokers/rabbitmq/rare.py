"""Calls to aiormq, made safe: each with a time limit, each error a Fault.

aiormq rejects what is pending with whatever closed the connection, and that
may be a ``CancelledError`` though nobody cancelled us. So each call runs in a
task of its own, and only a cancellation from outside is one.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import aiormq.abc
import aiormq.exceptions as amqp

from contracts.fault import Fault

T = TypeVar("T")

# Seconds for one answer of the broker.
PATIENCE: Final = 5.0
# Seconds within which aiormq closes a channel that the broker has closed.
_MOMENT: Final = 0.5


async def ask(call: Coroutine[Any, Any, T], within: float = PATIENCE) -> T:
    """Wait for a call to the broker; raises nothing but Faults.

    ``no_route`` for what is not there, ``conflict`` for what is there but
    different, locked or forbidden, ``broker_down`` for all else.
    """
    task = asyncio.ensure_future(call)
    # Who gives up, or is cancelled, leaves nobody to see how it ends, and asyncio would complain.
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    try:
        await asyncio.wait({task}, timeout=within)
    finally:
        if not task.done():
            task.cancel()
    if not task.done():
        raise Fault("broker_down", f"no answer from the broker in {within:g} s")
    if task.cancelled():
        raise Fault("broker_down", "the connection was lost")
    error = task.exception()
    if error is None:
        return task.result()
    raise translated(error) from error


def translated(error: BaseException) -> Fault:
    """Turn an error of aiormq into a Fault."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, amqp.ChannelNotFoundEntity):
        return Fault("no_route", str(error))
    refusals = (
        amqp.ChannelPreconditionFailed,
        amqp.ChannelLockedResource,
        amqp.ChannelAccessRefused,
    )
    if isinstance(error, refusals):
        return Fault("conflict", str(error))
    return Fault("broker_down", str(error) or type(error).__name__)


def refusal() -> Fault:
    """Say what a nack of the broker means; it tells no reason."""
    return Fault("busy", "the queue takes nothing: it is full, or has no leader")


async def closed_because(channel: aiormq.abc.AbstractChannel) -> Fault | None:
    """Give the broker's reason for closing a channel; ``None`` when it did not.

    Who asks for something after the close hears from aiormq only that the channel is closed, and
    maybe a moment before the reason is known.
    """
    closing = channel.closing
    await asyncio.wait({closing}, timeout=_MOMENT)
    if not closing.done() or closing.cancelled():
        return None
    error = closing.exception()
    return None if error is None else translated(error)
