"""Messages of one turn of the event loop, on their way to queues whose readers take bundles."""

from collections.abc import Iterator

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import bundle, frames
from contracts.brokers.rabbitmq.bundle import Content


class Bundles:
    """Gathers messages by their queue, and gives the frames that publish them.

    What is ``mandatory`` the broker gives back when there is no such queue.
    """

    __slots__ = ("_channel", "_frame_max", "_mandatory", "_waiting")

    def __init__(self, channel: int, frame_max: int, *, mandatory: bool = False) -> None:
        self._channel = channel
        self._frame_max = frame_max
        self._mandatory = mandatory
        self._waiting: dict[str, _Waiting] = {}

    def __repr__(self) -> str:
        return f"<Bundles {sum(len(one.parts) for one in self._waiting.values())} waiting>"

    def add(self, message: Message, queue: str) -> int:
        """Take a message, and say how many wait for its queue now.

        Raises Fault ``invalid_request`` for what AMQP cannot carry.
        """
        part = frames.content_header(message, queue), message.body
        waiting = self._waiting.get(queue)
        if waiting is None:
            waiting = self._waiting[queue] = _Waiting()
        waiting.parts.append(part)
        life = message.expiration_ms
        if life is None:
            waiting.endless = True
        elif life > waiting.life:
            waiting.life = life
        return len(waiting.parts)

    def take(self) -> bytes:
        """Give the frames for what was taken."""
        if not self._waiting:
            return b""
        waiting, self._waiting = self._waiting, {}
        return b"".join([self._frames(queue, one) for queue, one in waiting.items()])

    def take_of(self, queue: str) -> bytes:
        """Give the frames for what was taken for one queue."""
        return self._frames(queue, self._waiting.pop(queue))

    def _frames(self, queue: str, waiting: "_Waiting") -> bytes:
        life = 0 if waiting.endless else waiting.life
        return b"".join(
            [
                frames.publish_content(
                    *(part[0] if len(part) == 1 else bundle.join(part, life)),
                    channel=self._channel,
                    routing_key=queue,
                    mandatory=self._mandatory,
                    frame_max=self._frame_max,
                )
                for part in _parts(waiting.parts)
            ]
        )


class _Waiting:
    """What waits for one queue."""

    __slots__ = ("endless", "life", "parts")

    def __init__(self) -> None:
        self.parts: list[Content] = []
        # The longest expiration of them, in milliseconds, unless one of them has none.
        self.life = 0
        self.endless = False


def _parts(some: list[Content]) -> Iterator[list[Content]]:
    """Cut what waits into bundles that are not too large."""
    first = size = 0
    for place, (header, body) in enumerate(some):
        if size > bundle.FULL:
            yield some[first:place]
            first, size = place, 0
        size += len(header) + len(body)
    yield some[first:]
