"""A look by hand into a queue of the embedded broker."""

from contracts.brokers.memory_queue import Consumer
from contracts.brokers.port import Delivery
from contracts.fault import Fault


class MemoryPull:
    """Takes messages one by one; the consumer behind it is offered none."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def __repr__(self) -> str:
        name = self._consumer.queue.settings.name
        return f"<MemoryPull {name} unsettled={len(self._consumer.unsettled)}>"

    async def take(self) -> Delivery | None:
        """Take the next message that is ready."""
        queue = self._consumer.queue
        if not self._consumer.active:
            raise Fault("broker_down", "the connection was lost")
        if queue.deleted:
            raise Fault("no_route", f"there is no queue {queue.settings.name}")
        return queue.take(self._consumer)

    async def close(self) -> None:
        """Put what is not settled back in its place."""
        # Not as a consumer leaves: an auto-delete queue does not go with those who only looked.
        self._consumer.queue.remove(self._consumer, give_back=True)
