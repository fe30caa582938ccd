import asyncio
import contextvars
import threading

import pytest

from tests.harness.waiting import eventually
from workers.threads import Threads

wish: contextvars.ContextVar[str] = contextvars.ContextVar("wish", default="none")


async def test_a_function_runs_off_the_loop_with_the_tasks_context() -> None:
    """A function runs in another thread and sees a copy of the task's context variables."""
    threads = Threads("t")
    wish.set("tea")

    def look() -> tuple[str, bool]:
        seen = wish.get()
        wish.set("changed")
        return seen, threading.current_thread() is threading.main_thread()

    assert await threads.run(look) == ("tea", False)
    assert wish.get() == "tea"
    threads.close()


async def test_threads_are_started_when_needed_and_kept() -> None:
    """There are as many threads as there was work at one time, and no more."""
    threads = Threads("t")
    for _ in range(5):
        await threads.run(int)
    assert repr(threads) == "<Threads t 0 busy, 1 idle>"
    gate = threading.Barrier(3, timeout=5)
    await asyncio.gather(*(threads.run(gate.wait) for _ in range(3)))
    assert repr(threads) == "<Threads t 0 busy, 3 idle>"
    threads.close()


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x")])
async def test_an_error_comes_to_who_waits(error: Exception) -> None:
    """What a function raises is raised where it is awaited."""
    threads = Threads("t")

    def fail() -> None:
        raise error

    with pytest.raises(type(error)):
        await threads.run(fail)
    threads.close()


@pytest.mark.parametrize("error", [StopIteration(), SystemExit(1), KeyboardInterrupt()])
async def test_an_error_that_would_end_the_worker_is_wrapped(error: BaseException) -> None:
    """What a future cannot carry, or what would end the process, comes as a RuntimeError."""
    threads = Threads("t")

    def fail() -> None:
        raise error

    with pytest.raises(RuntimeError, match=type(error).__name__):
        await threads.run(fail)
    threads.close()


async def test_a_cancelled_wait_throws_the_result_away() -> None:
    """Cancelling the wait neither stops the thread nor loses it for the next call."""
    threads, gate = Threads("t"), threading.Event()
    waiting = threads.run(gate.wait, 5)
    waiting.cancel()
    gate.set()
    await eventually(lambda: repr(threads) == "<Threads t 0 busy, 1 idle>")
    assert await threads.run(lambda: "next") == "next"
    threads.close()


def test_a_thread_that_hangs_does_not_keep_the_process() -> None:
    """The threads are daemons, so that a function that hangs cannot keep a drained worker."""
    seen: list[bool] = []

    async def main() -> None:
        threads = Threads("t")
        seen.append(await threads.run(lambda: threading.current_thread().daemon))
        threads.close()

    asyncio.run(main())
    assert seen == [True]


async def test_closing_ends_the_threads() -> None:
    """After ``close`` the threads end."""
    threads = Threads("ending")
    await threads.run(int)
    threads.close()
    await eventually(lambda: not [t for t in threading.enumerate() if t.name == "ending-1"])
