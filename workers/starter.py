"""Starting coroutines without a task for each.

Most operations never wait: they look something up and answer. A task of its
own costs such a call about a tenth of all that the worker does for it. So one
task, the front, takes the first step of each coroutine in turn. The coroutine
that waits keeps the task, which is then all its own, to be cancelled or waited
for; the others go on in a new front. ``asyncio.timeout``, ``TaskGroup`` and
``current_task`` work from the first step on, for there is always a task, and
each coroutine has context variables of its own.

Python 3.12 has eager tasks; this is for 3.11 too, and makes one task a batch
where they make one for each.
"""

import asyncio
import types
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, copy_context
from typing import Any

OnWaiting = Callable[[asyncio.Task[None]], None]
_Work = tuple[Coroutine[Any, Any, None], OnWaiting]


class Starter:
    """Starts coroutines in the order in which they are given."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._work: deque[_Work] = deque()
        self._front: asyncio.Task[None] | None = None
        # The event loop holds tasks by weak references only.
        self._tasks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<Starter {len(self._work)} to start, {len(self._tasks)} tasks>"

    def start(self, coroutine: Coroutine[Any, Any, None], on_waiting: OnWaiting) -> None:
        """Run ``coroutine`` soon; ``on_waiting(task)`` hears of its task if it comes to wait.

        What it raises goes to the event loop's exception handler.
        """
        self._work.append((coroutine, on_waiting))
        if self._front is None:
            self._begin()

    async def started(self) -> None:
        """Wait until all have taken their first step."""
        while self._work:  # noqa: ASYNC110 - a few turns of the loop at most
            await asyncio.sleep(0)

    def _begin(self) -> None:
        self._front = self._loop.create_task(self._run())
        self._tasks.add(self._front)
        self._front.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        task = self._front
        assert task is not None  # noqa: S101 - it is what runs this
        while self._work:
            coroutine, on_waiting = self._work.popleft()
            context = copy_context()
            try:
                waited = context.run(coroutine.send, None)
            except StopIteration:
                pass
            except Exception as error:  # noqa: BLE001 - one must not stop the others
                self._complain(error)
            else:
                self._leave()
                on_waiting(task)
                try:
                    await _carry_on(coroutine, waited, context)
                except Exception as error:  # noqa: BLE001 - as above
                    self._complain(error)
                return
            if task.cancelling():
                # It cancelled itself and ended all the same: that is not for the others to bear.
                break
        self._leave()

    def _leave(self) -> None:
        """Leave the rest to a new front."""
        self._front = None
        if self._work:
            self._begin()

    def _complain(self, error: Exception) -> None:
        self._loop.call_exception_handler({"message": "a call failed", "exception": error})


@types.coroutine
def _carry_on(
    coroutine: Coroutine[Any, Any, None], waited: object, context: Context
) -> Generator[Any, Any, None]:
    """Go on with a coroutine that was begun by hand, in its own context."""
    while True:
        try:
            sent = yield waited
        except BaseException as error:  # noqa: BLE001 - it is for the coroutine to deal with
            step: Callable[..., Any] = coroutine.throw
            argument: Any = error
        else:
            step, argument = coroutine.send, sent
        try:
            waited = context.run(step, argument)
        except StopIteration:
            return
