"""Answers of one turn of the event loop, on their way to the queues that take bundles."""

from collections.abc import Iterator

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import bundle, frames
from contracts.brokers.rabbitmq.bundle import Content


class Bundles:
    """Gathers messages by their queue, and gives the frames that publish them."""

    __slots__ = ("_channel", "_frame_max", "_waiting")

    def __init__(self, channel: int, frame_max: int) -> None:
        self._channel = channel
        self._frame_max = frame_max
        self._waiting: dict[str, list[Content]] = {}

    def __repr__(self) -> str:
        return f"<Bundles {sum(map(len, self._waiting.values()))} waiting>"

    def add(self, message: Message, queue: str) -> None:
        """Take a message.

        Raises Fault ``invalid_request`` for what AMQP cannot carry.
        """
        part = frames.content_header(message, queue), message.body
        some = self._waiting.get(queue)
        if some is None:
            self._waiting[queue] = [part]
        else:
            some.append(part)

    def take(self) -> bytes:
        """Give the frames for what was taken."""
        if not self._waiting:
            return b""
        waiting, self._waiting = self._waiting, {}
        return b"".join([self._frames(queue, some) for queue, some in waiting.items()])

    def _frames(self, queue: str, some: list[Content]) -> bytes:
        return b"".join(
            [
                frames.publish_content(
                    *(part[0] if len(part) == 1 else bundle.join(part)),
                    channel=self._channel,
                    routing_key=queue,
                    mandatory=False,
                    frame_max=self._frame_max,
                )
                for part in _parts(some)
            ]
        )


def _parts(some: list[Content]) -> Iterator[list[Content]]:
    """Cut what waits into bundles that are not too large."""
    first = size = 0
    for place, (header, body) in enumerate(some):
        if size > bundle.FULL:
            yield some[first:place]
            first, size = place, 0
        size += len(header) + len(body)
    yield some[first:]
