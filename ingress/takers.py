"""What workers say of their queues in passing, and how calls are sent to them therefore.

Three things spare the broker, each told by the answers to calls:

- ``x-takes-all``: the queue never refuses a message, so the answer to a call is confirm enough;
- ``x-takes-bundles``: so many calls may come in one message;
- ``x-worker-us``: how long an operation takes. A message goes to one worker, and the calls in it
  wait for each other there while other workers may be free. So it gets no more of them than that
  worker deals with in a millisecond: a slow operation is called one by one.

Nothing of it is a promise. A queue of which a call came to no end is doubted until the next
connection, and one whose workers no longer all say that they take bundles gets none.
"""

from collections.abc import Mapping
from typing import Any, Final

from contracts.brokers.port import LARGEST_LOT
from contracts.dialects.faults import TAKES_ALL, TAKES_BUNDLES, WORKER_TIME

WORK_US: Final = 1000
"""Microseconds of one worker's time that may be in one message."""
OWN_US: Final = 15
"""What a call costs a worker beside its operation, in microseconds: about that of our own."""
# What one time more weighs in the mean of an operation.
_SHARE: Final = 1 / 16


class Takers:
    """Remembers what is known of queues and operations, for one connection."""

    def __init__(self) -> None:
        # By queue: how many calls it takes in a message. One that is not here takes them with
        # confirms.
        self._takers: dict[str, int] = {}
        self._doubted: set[str] = set()
        # By operation, the mean in microseconds. Slow until it has shown that it is not.
        self._times: dict[str, float] = {}

    def __repr__(self) -> str:
        return f"<Takers {self._takers} doubted={sorted(self._doubted)}>"

    def lot(self, queue: str, operation: str) -> int:
        """Say how many calls may go in one message; 0 when only confirms make them safe."""
        most = self._takers.get(queue, 0)
        if most <= 1:
            return most
        return min(most, int(WORK_US / (self._times.get(operation, WORK_US) + OWN_US))) or 1

    def hear(self, queue: str, operation: str, headers: Mapping[str, Any]) -> None:
        """Learn from the answer to a call. Anybody may have written it."""
        if TAKES_ALL not in headers or queue in self._doubted:
            return
        said, known = headers.get(TAKES_BUNDLES, 1), self._takers.get(queue)
        if said != known:
            # Each of its workers has to be able to, so it is the least that one of them said.
            said = said if type(said) is int and said > 1 else 1
            known = self._takers[queue] = min(said, known or LARGEST_LOT)
        if known != 1:
            time = headers.get(WORKER_TIME)
            if type(time) is int and time >= 0:
                before = self._times.get(operation, WORK_US)
                self._times[operation] = before + (time - before) * _SHARE

    def doubt(self, queue: str) -> None:
        """Take note that a call to it came to no end, for whatever reason."""
        self._takers.pop(queue, None)
        self._doubted.add(queue)

    def forget(self) -> None:
        """Forget all: on the next connection things may be otherwise."""
        self._takers.clear()
        self._doubted.clear()
        self._times.clear()
