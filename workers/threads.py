"""Threads for operations that are plain functions.

Not ``concurrent.futures``: its threads are joined when the process ends, so that one function that
hangs would keep a drained worker alive for ever. These are daemons. They are started when they are
needed and kept.
"""

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable
from typing import Any

_Work = tuple[asyncio.Future[Any], Callable[[], Any]]


class Threads:
    """Runs functions off the event loop; as many threads as there is work at one time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        # Both are touched on the loop's thread alone.
        self._started = 0
        self._idle = 0

    def __repr__(self) -> str:
        return f"<Threads {self._name} {self._started - self._idle} busy, {self._idle} idle>"

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> asyncio.Future[Any]:  # noqa: ANN401
        """Run ``function`` in a thread, with a copy of this task's context variables.

        Cancelling the future throws the result away; a thread cannot be stopped.
        """
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        context = contextvars.copy_context()
        if self._idle:
            self._idle -= 1
        else:
            self._started += 1
            threading.Thread(
                target=self._serve,
                args=(loop,),
                name=f"{self._name}-{self._started}",
                daemon=True,
            ).start()
        self._work.put((future, lambda: context.run(function, *args, **kwargs)))
        return future

    def close(self) -> None:
        """Let the threads end when they are done."""
        for _ in range(self._started):
            self._work.put(None)
        self._started = self._idle = 0

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        while (work := self._work.get()) is not None:
            future, function = work
            result, error = None, None
            try:
                result = function()
            except BaseException as raised:  # noqa: BLE001 - it belongs to who waits for it
                error = raised
            # Or the last result would live until the next call.
            del work, function
            try:
                loop.call_soon_threadsafe(self._deliver, future, result, error)
            except RuntimeError:
                return  # The loop is closed: the worker has left without us.
            del future, result, error

    def _deliver(
        self, future: asyncio.Future[Any], result: object, error: BaseException | None
    ) -> None:
        self._idle += 1
        if future.cancelled():
            return
        if isinstance(error, StopIteration | KeyboardInterrupt | SystemExit):
            # A future cannot carry the first, and the others would end the whole worker.
            future.set_exception(RuntimeError(f"the operation raised {error!r}"))
        elif error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
