"""Starting coroutines without a task for each.

Most operations never wait: they look something up and answer. A task of its
own, and a turn of the event loop until it runs, cost such a call a good part
of all that the worker does for it. So one task, the front, is kept in
waiting, and its name is lent to each coroutine for its first step, which is
taken without a turn of the loop. A coroutine that comes to wait gets the task
for good, to be cancelled or waited for; the others go on under a new front.
``asyncio.timeout``, ``TaskGroup`` and ``current_task`` work from the first
step on, for there is always a task, and each coroutine has context variables
of its own.

What came together is first read and then run, and not run one by one as it is
read: with 40 at a time that takes two thirds of the CPU time, for the
processor then has the same code before it again and again.

Python 3.12 has eager tasks; this is for 3.11 too, and makes no task at all
where they make one for each.
"""

import asyncio
import types
from asyncio.tasks import _enter_task, _leave_task
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, copy_context
from typing import Any, Generic, TypeVar

J = TypeVar("J")
R = TypeVar("R")


class Starter(Generic[J, R]):
    """Starts coroutines in the order in which they are given.

    Each comes with a job, whatever stands for it outside. ``on_end(job, result)``
    hears of the end of each, with ``None`` when it raised or was cancelled;
    ``on_waiting(job, task)`` of the task of one that came to wait. Neither may
    raise. What a coroutine raises goes to the event loop's exception handler.
    ``soon(callback)`` calls back outside of any task, when what is at hand now
    has been given to ``start``.
    """

    def __init__(
        self,
        *,
        on_end: Callable[[J, R | None], None],
        on_waiting: Callable[[J, asyncio.Task[None]], None],
        soon: Callable[[Callable[[], None]], object],
    ) -> None:
        self._soon = soon
        self._on_end = on_end
        self._on_waiting = on_waiting
        self._loop = asyncio.get_running_loop()
        self._work: deque[tuple[Coroutine[Any, Any, R], J]] = deque()
        self._front: _Front[J, R] | None = None
        # Somebody takes steps soon, or is at it, and takes those of new work too.
        self._planned = False
        # The event loop holds tasks by weak references only.
        self._tasks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        waiting = len(self._tasks) - (self._front is not None)
        return f"<Starter {len(self._work)} to start, {waiting} tasks>"

    def start(self, coroutine: Coroutine[Any, Any, R], job: J) -> None:
        """Run ``coroutine`` soon."""
        self._work.append((coroutine, job))
        if not self._planned:
            self._planned = True
            self._soon(self._step)

    async def started(self) -> None:
        """Wait until all have taken their first step."""
        while self._work:  # noqa: ASYNC110 - a few turns of the loop at most
            await asyncio.sleep(0)

    def close(self) -> None:
        """Let the front go; what waits keeps its task. Nothing can be started any more."""
        if self._front is not None:
            self._front.task.cancel()
            self._front = None

    def _step(self) -> None:
        """Take first steps in the front's name while it sleeps, or have it take them itself."""
        front = self._front
        if front is None:
            self._begin()
            return
        # For just this: asyncio's documentation, "Extending", "Task lifetime support".
        _enter_task(self._loop, front.task)
        try:
            begun = self._take_steps(front)
        finally:
            _leave_task(self._loop, front.task)
        if begun is not None:
            front.wake(begun)
        self._go_round(front, begun)

    def _begin(self) -> None:
        front = _Front[J, R]()
        self._planned = True
        front.task = self._loop.create_task(self._serve(front))
        self._tasks.add(front.task)
        front.task.add_done_callback(self._tasks.discard)

    async def _serve(self, front: "_Front[J, R]") -> None:
        begun = self._take_steps(front)
        self._go_round(front, begun)
        cancelled = None
        if begun is None and self._front is None and not front.task.cancelling():
            front.gate = self._loop.create_future()
            self._front = front
            try:
                begun = await front.gate
            except asyncio.CancelledError as error:
                begun, cancelled = front.begun, error
                if begun is None:
                    raise
        if begun is not None:
            await self._carry_on(begun, cancelled)

    def _take_steps(self, front: "_Front[J, R]") -> "_Begun[J, R] | None":
        """Take the first step of each coroutine, up to one that waits."""
        cancelling = front.task.cancelling
        try:
            # One that cancels itself cancels the front; that is not for the others to bear.
            while self._work and not cancelling():
                coroutine, job = self._work.popleft()
                context = copy_context()
                try:
                    waited = context.run(coroutine.send, None)
                except StopIteration as stop:
                    self._on_end(job, stop.value)
                except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - one must not stop the others
                    self._fail(job, error)
                else:
                    return job, coroutine, context, waited
        finally:
            self._planned = False
        return None

    def _go_round(self, front: "_Front[J, R]", begun: "_Begun[J, R] | None") -> None:
        """Leave the front to a coroutine that waits, and the rest of the work to a new one."""
        if self._front is front and (begun is not None or front.task.cancelling()):
            self._front = None
        if self._work:
            self._begin()
        if begun is not None:
            self._on_waiting(begun[0], front.task)

    async def _carry_on(
        self, begun: "_Begun[J, R]", cancelled: asyncio.CancelledError | None
    ) -> None:
        job, coroutine, context, waited = begun
        try:
            result = await _go_on(coroutine, context, waited, cancelled)
        except asyncio.CancelledError:
            self._on_end(job, None)
            raise
        except Exception as error:  # noqa: BLE001 - as above
            self._fail(job, error)
        else:
            self._on_end(job, result)

    def _fail(self, job: J, error: BaseException) -> None:
        if isinstance(error, Exception):
            context = {"message": "a call failed", "exception": error}
            self._loop.call_exception_handler(context)
        self._on_end(job, None)


class _Front(Generic[J, R]):
    """A task in waiting."""

    __slots__ = ("begun", "gate", "task")

    task: asyncio.Task[None]
    # What it sleeps at, until there is something to carry on.
    gate: "asyncio.Future[_Begun[J, R]]"

    def __init__(self) -> None:
        # The same, should its sleep end by a cancellation.
        self.begun: _Begun[J, R] | None = None

    def wake(self, begun: "_Begun[J, R]") -> None:
        self.begun = begun
        if not self.gate.done():
            self.gate.set_result(begun)


# A job, its coroutine after the first step, that one's context, and what it waits for.
_Begun = tuple[J, Coroutine[Any, Any, R], Context, object]


@types.coroutine
def _go_on(
    coroutine: Coroutine[Any, Any, R],
    context: Context,
    waited: object,
    error: BaseException | None,
) -> Generator[Any, Any, R]:
    """Go on with a coroutine that was begun by hand, in its own context."""
    sent = None
    while True:
        try:
            if error is None:
                sent = yield waited
        except BaseException as raised:  # noqa: BLE001 - it is for the coroutine to deal with
            error = raised
        try:
            if error is None:
                waited = context.run(coroutine.send, sent)
            else:
                thrown, error = error, None
                waited = context.run(coroutine.throw, thrown)
        except StopIteration as stop:
            result: R = stop.value
            return result
