"""The event loop: the one place that knows uvloop."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, TypeVar

T = TypeVar("T")

# Seconds that another thread goes on to compute when the loop has something to do (Python's own
# figure is 5 ms, and each answer may have to wait for several).
_GIVE_WAY: Final = 0.001


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Give what makes an event loop; ``None`` stands for asyncio's own.

    By name, since uvloop is not there on Windows.
    """
    if find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    return factory


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a program on uvloop where it is installed, else on asyncio's loop.

    As ``asyncio.run``: cancels what is left at the end and closes the loop.
    """
    sys.setswitchinterval(_GIVE_WAY)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(main)
