"""Remembers which calls were cancelled before they came: the cancel was faster than the queue."""

from collections import OrderedDict
from typing import Final

from contracts.cancel import Cancel
from contracts.deadline import now_ms

# Whoever may publish can fill it; so the oldest make room.
MOST: Final = 10_000


class Cancels:
    """The last cancels of calls that this worker did not have; bounded in number and time."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._deadlines: OrderedDict[str, int] = OrderedDict()

    def __repr__(self) -> str:
        return f"<Cancels {len(self._deadlines)} of at most {self._most}>"

    def __len__(self) -> int:
        return len(self._deadlines)

    def remember(self, cancel: Cancel) -> None:
        """Remember a cancel until the call's deadline, after which nobody begins it anyway."""
        now = now_ms()
        while self._deadlines and self._is_over(next(iter(self._deadlines.values())), now):
            self._deadlines.popitem(last=False)
        if self._is_over(cancel.deadline, now):
            return
        self._deadlines[cancel.correlation_id] = cancel.deadline
        if len(self._deadlines) > self._most:
            self._deadlines.popitem(last=False)

    def take(self, correlation_id: str) -> bool:
        """Say whether this call was cancelled, and forget it."""
        return self._deadlines.pop(correlation_id, None) is not None

    @staticmethod
    def _is_over(deadline: int, now: int) -> bool:
        return 0 < deadline <= now
