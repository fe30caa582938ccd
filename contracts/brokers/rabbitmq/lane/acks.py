"""Which deliveries of a channel are settled, and how to say so in the fewest frames."""

from contracts.brokers.rabbitmq import frames


class Acks:
    """Gathers the acknowledgements of one turn of the event loop.

    Deliveries are numbered from 1. When all up to some number are settled, one
    basic.ack with ``multiple`` says it for all of them (AMQP 0-9-1 section
    1.8.3.13); what was settled before its time is said one by one.
    """

    __slots__ = ("_beyond", "_channel", "_new", "_settled")

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._new: list[int] = []
        # All up to this number are settled.
        self._settled = 0
        # What is settled beyond it: at most as much as the prefetch.
        self._beyond: set[int] = set()

    def __repr__(self) -> str:
        return f"<Acks up to {self._settled}, {len(self._beyond)} beyond, {len(self._new)} new>"

    def add(self, tag: int) -> None:
        """Note an acknowledgement."""
        self._new.append(tag)

    def forget(self, tag: int) -> None:
        """Note what was settled otherwise: by a reject."""
        self._beyond.add(tag)

    def take(self) -> bytes:
        """Give the frames for what was noted."""
        if not self._new:
            return b""
        new, self._new = self._new, []
        self._advance(new)
        below = [tag for tag in new if tag <= self._settled]
        parts = [frames.ack(self._channel, tag) for tag in new if tag > self._settled]
        if below:
            # The highest of this turn: one that the broker does not wait for is an error.
            parts.append(frames.ack(self._channel, max(below), multiple=len(below) > 1))
        return b"".join(parts)

    def _advance(self, new: list[int]) -> None:
        last = self._settled + len(new)
        if not self._beyond and max(new) == last:
            # Each comes once, so they are all there.
            self._settled = last
            return
        self._beyond.update(new)
        while self._settled + 1 in self._beyond:
            self._settled += 1
            self._beyond.remove(self._settled)
