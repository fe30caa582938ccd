"""The channel of calls, by aio-pika: a publisher whose confirms nobody listens to."""

from contracts.brokers.port import Message, OnRefused
from contracts.brokers.rabbitmq.plain.publisher import PlainPublisher
from contracts.fault import Fault


class PlainAsker:
    """Publishes to queues, and hears of what no queue took.

    With confirms all the same: aio-pika has no other way to tell which message came back.
    """

    def __init__(self, publisher: PlainPublisher, on_refused: OnRefused) -> None:
        self._publisher = publisher
        self._on_refused = on_refused

    def __repr__(self) -> str:
        return f"<PlainAsker {self._publisher!r}>"

    def ask(self, message: Message, routing_key: str, lot: int) -> None:  # noqa: ARG002 - each by itself
        """Send a message; it comes back when there is no such queue."""

        def hear(fault: Fault | None) -> None:
            # As in the lane: a full queue says nothing, and a loss is told by the state.
            if fault is not None and fault.code == "no_route":
                self._on_refused(message.correlation_id, fault)

        self._publisher.publish(message, routing_key, "", hear)

    def lost(self, reason: str) -> None:
        """Let go of what is on its way."""
        self._publisher.lost(reason)
