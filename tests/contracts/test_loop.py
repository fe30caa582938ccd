import asyncio
import sys

import pytest

from contracts import loop


async def which() -> str:
    return type(asyncio.get_running_loop()).__module__


def test_uvloop_where_it_is_installed() -> None:
    """A program runs on uvloop, and its result comes back."""
    assert loop.run(which()).startswith("uvloop")


def test_asyncio_where_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without uvloop a program runs on asyncio's own loop."""
    monkeypatch.setattr(loop, "find_spec", lambda name: None)
    assert loop.loop_factory() is None
    assert loop.run(which()).startswith("asyncio")


def test_what_is_left_is_cancelled() -> None:
    """Tasks that are left at the end are cancelled."""
    cancelled = []

    async def stay() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.append(True)

    async def main() -> asyncio.Task[None]:
        task = asyncio.create_task(stay())
        await asyncio.sleep(0)
        return task

    assert loop.run(main()).cancelled()
    assert cancelled


def test_threads_that_compute_give_way() -> None:
    """The loop has its turn a millisecond after it has something to do, and not five."""

    async def interval() -> float:
        return sys.getswitchinterval()

    assert loop.run(interval()) <= 0.001
