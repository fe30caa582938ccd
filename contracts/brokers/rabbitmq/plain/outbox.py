"""What a plain consumer says to the broker, one thing after the other.

The port's ``publish``, ``ack`` and ``reject`` do not wait, aio-pika's do. So
what is to be said waits here, and one task says it in order: that is how the
reply stays before the acknowledgement.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

# Bytes that may wait before no more deliveries are taken.
HIGH_WATER: Final = 4 * 1024 * 1024

Step = Callable[[], Awaitable[object]]


class Outbox:
    """Steps of one channel, in order."""

    def __init__(self, on_writable: Callable[[], None]) -> None:
        self._on_writable = on_writable
        self._steps: deque[tuple[Step, int]] = deque()
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<Outbox steps={len(self._steps)} bytes={self._bytes}>"

    @property
    def full(self) -> bool:
        """Whether so much waits that no more work should be begun."""
        return self._bytes > HIGH_WATER

    def put(self, step: Step, size: int = 0) -> None:
        """Do ``step`` after all others; ``size`` is what it weighs in bytes."""
        self._steps.append((step, size))
        self._bytes += size
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def flush(self, within: float) -> None:
        """Wait until all is said, at most ``within`` seconds; never raises."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=within)

    def clear(self) -> None:
        """Forget what is not said yet."""
        self._steps.clear()
        self._bytes = 0
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            while self._steps:
                step, size = self._steps.popleft()
                await step()
                was_full = self.full
                self._bytes = max(0, self._bytes - size)
                if was_full and not self.full:
                    self._on_writable()
        except Exception:  # noqa: BLE001 - the channel is gone, and who watches it has heard so
            self._steps.clear()
        finally:
            self._task = None
