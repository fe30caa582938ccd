"""Waiting for a condition, never for luck (STYLE, rule 20)."""

import asyncio
import inspect
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar, overload

T = TypeVar("T")

# Short enough not to slow a test down, long enough to leave the other process the CPU.
_PAUSE: Final = 0.01


@overload
async def eventually(
    condition: Callable[[], Coroutine[Any, Any, T]], within: float = 5.0, what: str = ""
) -> T: ...
@overload
async def eventually(condition: Callable[[], T], within: float = 5.0, what: str = "") -> T: ...
async def eventually(condition: Callable[[], Any], within: float = 5.0, what: str = "") -> Any:
    """Ask again and again until the answer is true, and return that answer.

    An ``AssertionError`` of the condition counts as "not yet", so it may hold plain asserts.

    Args:
        condition: a function without arguments, plain or async.
        within: seconds; after that ``AssertionError`` with what was seen last.
        what: what is waited for, in words, for that error.
    """
    patience = _Patience(within, what)
    while True:
        try:
            answer = condition()
            if inspect.isawaitable(answer):
                answer = await answer
            if answer:
                return answer
            patience.check(repr(answer))
        except AssertionError as refusal:
            patience.check(refusal)
        await asyncio.sleep(_PAUSE)


def wait_until(condition: Callable[[], T], within: float = 5.0, what: str = "") -> T:
    """Do as `eventually`, for code without an event loop: blocks the thread."""
    patience = _Patience(within, what)
    while True:
        try:
            answer = condition()
            if answer:
                return answer
            patience.check(repr(answer))
        except AssertionError as refusal:
            patience.check(refusal)
        time.sleep(_PAUSE)


class _Patience:
    """How long is still waited, and the error when it is over."""

    def __init__(self, within: float, what: str) -> None:
        self._over = time.monotonic() + within
        self._waited = f"waited {within} s in vain{f' until {what}' if what else ''}"

    def check(self, seen: object) -> None:
        if isinstance(seen, _OutOfPatience):
            raise seen
        if time.monotonic() >= self._over:
            message = f"{self._waited}; seen last: {seen}"
            raise _OutOfPatience(message)


class _OutOfPatience(AssertionError):
    """So that the loop above does not take its own error for one more refusal."""
