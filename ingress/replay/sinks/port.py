"""The port to where calls are sent."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import msgspec

from ingress.compare.answer import Answer
from ingress.replay.item import Item


class Sent(msgspec.Struct, frozen=True, gc=False):
    """What came of it: the answer, and the request id of the new call.

    ``left`` is False when it is known that nothing was sent, so that sending it again repeats
    nothing.
    """

    answer: Answer
    id: str = ""
    left: bool = True


class Sink(Protocol):
    """Sends calls and gives their answers."""

    @property
    def name(self) -> str:
        """What it is called in reports, and how "the same target" is told; without passwords."""
        ...

    async def send(self, item: Item, run: str) -> Sent:
        """Send one call and wait for its answer, at most as long as the sink allows.

        Never raises for what goes wrong on the way: that is an answer without a status, whose
        ``error`` says why. Only a cancellation passes.
        """
        ...

    async def close(self) -> None:
        """Leave."""
        ...


@runtime_checkable
class Prompt(Protocol):
    """A sink that can often send a call at once, without a task for it."""

    def begin(self, item: Item, run: str, tell: Callable[[Sent], None]) -> bool:
        """Send one call and tell, later, what came of it; as :meth:`Sink.send`.

        Gives False when this call has to be sent by ``send``. ``close`` ends what is on the way.
        """
        ...
