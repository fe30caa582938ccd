"""What an operation may know about the call that it answers."""

import math
import time
from typing import Final

from contracts import logs
from contracts.call import Call, Caller
from contracts.callers.statement import Statement

_FOREVER: Final = math.inf


class Context:
    """One call, as its operation and the policies of its service see it.

    ``call`` is the request itself. A policy that changes it puts a new one in its place; an
    operation gets what the last policy left.

    ``redelivered`` says that a worker was lost or cut off with this very message: the operation
    may have begun before.

    ``statement`` is what the gateway signed about the caller, where the worker has keys for that.

    ``cancelled`` turns true when nobody waits for the answer any more: the client left, or the
    deadline passed. A coroutine is cancelled then; a plain function, which nothing can stop, may
    look from time to time and return.
    """

    __slots__ = ("_due", "_logger", "call", "cancelled", "redelivered", "statement")

    def __init__(
        self,
        call: Call,
        *,
        left: float = _FOREVER,
        redelivered: bool = False,
        statement: Statement | None = None,
    ) -> None:
        """Note that ``left`` seconds are left for ``call`` from now on."""
        self.call = call
        self.statement = statement
        self.redelivered = redelivered
        self.cancelled = False
        # On the monotonic clock: an operation must not get longer when the wall clock is set back.
        self._due = time.monotonic() + left
        self._logger: logs.Logger | None = None

    @property
    def left(self) -> float:
        """Seconds until the answer is worthless; infinity when the call has no deadline."""
        return self._due - time.monotonic()

    @property
    def deadline(self) -> int:
        """The moment the answer becomes worthless, in Unix milliseconds; 0 for none."""
        return self.call.deadline

    @property
    def caller(self) -> Caller:
        """Who is asking, as far as the gateway knows; see ``verified``."""
        return self.call.caller

    @property
    def verified(self) -> bool:
        """Whether the gateway signed who is asking, and the signature was checked here.

        False where the worker has no keys to check with: then whoever can publish to the queue may
        say that he is anybody.
        """
        return self.statement is not None

    @property
    def request_id(self) -> str:
        """What the client sees as ``X-Request-ID``, and every log line of this call carries."""
        return self.call.id

    @property
    def attempt(self) -> int:
        """Which attempt of the gateway this is, counted from 1."""
        return self.call.attempt

    @property
    def replay(self) -> str | None:
        """The request id of the recorded call that this one sends again; ``None``: it is no replay.

        For what must not happen twice in the world: no second parcel, no second mail.
        """
        return self.call.replay.partition("/")[2] or None

    @property
    def mirror(self) -> bool:
        """Whether this is a copy of a call that another worker answers; nobody hears the answer.

        For what must not happen twice in the world: no second parcel, no second mail.
        """
        return bool(self.call.mirror)

    @property
    def logger(self) -> logs.Logger:
        """A loguru logger whose lines carry the request id, the operation and the route."""
        if self._logger is None:
            call = self.call
            self._logger = logs.bind(request_id=call.id, operation=call.operation, route=call.route)
        return self._logger

    def __repr__(self) -> str:
        call = self.call
        again = " redelivered" if self.redelivered else ""
        what = f"{call.id} {call.operation} attempt={call.attempt}"
        return f"<Context {what} left={self.left:.3f}s{again}>"
