"""A worker process from its first line to its last: connect, serve, drain, leave."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from contracts import logs
from contracts.brokers.port import Broker, State
from contracts.fault import Fault
from workers.binding import ServiceError
from workers.callers import CallerKeys, of_environment
from workers.loading import load
from workers.runtime import Runtime
from workers.service import Service
from workers.stats import Stats
from workers.watchdog import Watchdog

__all__ = ("DRAIN_TIMEOUT", "ServiceError", "load", "serve")

# Seconds. Shorter than the 30 s that Kubernetes waits would cut good work off for nothing; the
# orchestrator's own patience should be a little longer than ours.
DRAIN_TIMEOUT: Final = 30.0

# Seconds between two tries, and between two lines that say so.
_RETRY: Final = 1.0
# What a shell gives for a process that a signal ended.
_SIGNALLED: Final = 128
_TOLD_BY: Final = (signal.SIGTERM, signal.SIGINT)


async def serve(
    services: Sequence[Service],
    broker: Broker,
    *,
    drain_timeout: float = DRAIN_TIMEOUT,
    stop: asyncio.Event | None = None,
    callers: CallerKeys | None = None,
) -> list[Stats]:
    """Serve until told to stop, drain, close the broker, and give what was counted.

    Without ``stop`` SIGTERM and SIGINT end it, and a second one ends the process at once with
    status 128 + signal. With it the signals are the caller's affair. A broker that is away is
    waited for. ``drain_timeout`` is in seconds. ``callers`` are the keys for services that have
    none of their own: when left out, those of ``QUEUEGATE_CALLER_KEYS``.

    Raises ``ServiceError`` for two services of one name or one queue, and for keys that are none.
    """
    _check(services)
    callers = of_environment(os.environ) if callers is None else callers
    lanes = [lane for service in services for lane in service.in_lanes()]
    runtimes = [Runtime(lane, broker, callers=callers) for lane in lanes]
    broker.watch(_tell_state)
    broker.start()
    told = asyncio.Event() if stop is None else stop
    with _signals(told, listen=stop is None), Watchdog():
        try:
            await _start(runtimes, broker, told)
            await told.wait()
        finally:
            await _leave(runtimes, broker, drain_timeout)
    return [runtime.stats for runtime in runtimes]


async def _start(runtimes: Sequence[Runtime], broker: Broker, told: asyncio.Event) -> None:
    """Begin to consume as soon as the broker is there; give up only when told to."""
    pending = list(runtimes)
    while pending and not told.is_set():
        try:
            await broker.ready(_RETRY)
            while pending:
                await pending[0].start()
                service = pending.pop(0).service
                logs.bind(service=service.name, queue=service.queue).info(
                    "serving {} with concurrency {}",
                    ", ".join(service.endpoints),
                    service.concurrency,
                )
        except Fault as fault:
            logs.bind(broker=str(broker.state)).warning("waiting for the broker: {}", fault)
            with suppress(TimeoutError):
                async with asyncio.timeout(_RETRY):
                    await told.wait()


async def _leave(runtimes: Sequence[Runtime], broker: Broker, patience: float) -> None:
    began = time.monotonic()
    await asyncio.gather(*(runtime.drain(patience) for runtime in runtimes))
    await broker.close()
    took = time.monotonic() - began
    for runtime in runtimes:
        logs.bind(service=runtime.service.name, took=took, **runtime.stats.as_dict()).info(
            "drained and left"
        )


@contextmanager
def _signals(told: asyncio.Event, *, listen: bool) -> Iterator[None]:
    """Let the first signal drain and the second one end the process at once."""
    if not listen:
        yield
        return
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        if told.is_set():
            logs.bind(signal=number).warning("told a second time: leaving at once")
            # Not sys.exit: that would wait, and waiting is over.
            os._exit(_SIGNALLED + number)
        logs.bind(signal=number).info("told to leave: draining")
        told.set()

    for number in _TOLD_BY:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number in _TOLD_BY:
            loop.remove_signal_handler(number)


def _tell_state(state: State, reason: str) -> None:
    log = logs.bind(broker=str(state), reason=reason)
    if state is State.UP:
        log.info("the broker is up")
    elif reason != "closed":
        log.warning("the broker takes nothing")


def _check(services: Sequence[Service]) -> None:
    if not services:
        raise ServiceError("there is no service to serve")
    for what in ("name", "queue"):
        counted = Counter(getattr(service, what) for service in services)
        twice = [value for value, count in counted.items() if count > 1]
        if twice:
            raise ServiceError(f"two services have the {what} {twice[0]!r}")
