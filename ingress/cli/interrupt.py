"""Ctrl-C in the middle of a run: once ends it in order, twice at once."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import typer

CODE: Final = 130
"""The exit code: 128 + SIGINT, as shells have it."""

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible(stop: Callable[[str], None]) -> Iterator[list[int]]:
    """Call ``stop`` at the first signal, and cancel the task at the second; gives the signals."""
    loop, task, told = asyncio.get_running_loop(), asyncio.current_task(), list[int]()

    def on_signal(number: int) -> None:
        told.append(number)
        if len(told) == 1:
            stop("interrupted")
            words = "waiting for the calls that are on the way; once more to leave them"
            typer.echo(f"queuegate: {words}", err=True)
        elif task is not None:
            task.cancel()

    for number in _SIGNALS:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield told
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
