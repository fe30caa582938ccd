"""Worker processes: one in this process, several under a supervisor, or one that reloads."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from contracts import heap, logs, loop
from contracts.brokers.opening import open_broker
from ingress.problems import UsageError
from ingress.reload import run_again
from ingress.supervisor import Supervisor, hold_lifeline
from workers import runner
from workers.service import Service


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How workers are run; ``services`` are references, ``module:service``."""

    services: tuple[str, ...]
    broker: str | None = None
    processes: int = 1
    drain_timeout: float = 30.0
    reload: bool = False
    log_format: logs.Format = "text"
    log_level: str = "INFO"


def work(settings: Settings) -> int:
    """Work until SIGTERM or SIGINT; gives the exit code.

    Raises ``UsageError`` without a broker that others can reach, and
    ``ServiceError`` for a service that cannot be loaded.
    """
    if settings.broker is None or settings.broker.startswith("memory:"):
        raise UsageError(
            "a worker of its own needs a broker: set BROKER_URL or --broker to an amqp:// URL, "
            "or use `queuegate dev` for gateway and workers in one process"
        )
    if settings.reload:
        # Nothing is loaded here: what cannot be loaded may be mended while we watch.
        return loop.run(_again(settings))
    services = [runner.load(reference) for reference in settings.services]
    if settings.processes > 1:
        return loop.run(_several(settings))
    loop.run(_here(services, settings, settings.broker))
    return 0


async def _here(services: Sequence[Service], settings: Settings, url: str) -> None:
    logs.configure(format=settings.log_format, level=settings.log_level)
    stop = asyncio.Event()
    events = asyncio.get_running_loop()

    def told() -> None:
        stop.set()
        # A second one ends it now, as an impatient operator expects.
        for number in (signal.SIGTERM, signal.SIGINT):
            events.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        events.add_signal_handler(number, told)
    hold_lifeline(stop.set)
    broker = open_broker(url, name=f"queuegate worker {os.getpid()}")
    heap.settle()
    await runner.serve(services, broker, drain_timeout=settings.drain_timeout, stop=stop)


async def _several(settings: Settings) -> int:
    console = logs.configure(format=settings.log_format, level=settings.log_level)
    supervisor = Supervisor(
        _command(settings, processes=1),
        settings.processes,
        env=_environment(settings),
        grace=settings.drain_timeout + 5,
        report=console.warning,
    )
    return await supervisor.run()


async def _again(settings: Settings) -> int:
    console = logs.configure(format=settings.log_format, level=settings.log_level)
    return await run_again(
        _command(settings, processes=settings.processes),
        [Path.cwd()],
        sockets=[],
        env=_environment(settings),
        check=lambda: True,
        report=console.info,
    )


def _command(settings: Settings, *, processes: int) -> list[str]:
    drain = str(settings.drain_timeout)
    words = [sys.executable, "-P", "-m", "ingress.cli", "worker", *settings.services]
    return [*words, "--processes", str(processes), "--drain-timeout", drain]


def _environment(settings: Settings) -> dict[str, str]:
    """Give what would be seen in the list of processes if it were an option: a password."""
    return {
        "BROKER_URL": settings.broker or "",
        "LOG_FORMAT": settings.log_format,
        "LOG_LEVEL": settings.log_level,
    }
