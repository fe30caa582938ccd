"""The channel of calls: no confirms, since the answer is one."""

from contracts.brokers.call_back import call_back
from contracts.brokers.port import Message, OnRefused
from contracts.brokers.rabbitmq import frames
from contracts.brokers.rabbitmq.content import Content
from contracts.brokers.rabbitmq.properties import read_properties
from contracts.brokers.rabbitmq.wire import Wire, refuse_when_choked
from contracts.fault import Fault


class Asker:
    """Publishes to queues, and hears of what no queue took."""

    def __init__(self, wire: Wire, channel: int, frame_max: int, on_refused: OnRefused) -> None:
        self._wire = wire
        self._channel = channel
        self._frame_max = frame_max
        self._on_refused = on_refused
        self.content = Content()

    def __repr__(self) -> str:
        return f"<Asker channel={self._channel}>"

    def ask(self, message: Message, routing_key: str) -> None:
        """Send a message; it comes back when there is no such queue."""
        refuse_when_choked(self._wire)
        self._wire.send(
            frames.publish(
                message,
                channel=self._channel,
                exchange="",
                routing_key=routing_key,
                mandatory=True,
                frame_max=self._frame_max,
            )
        )

    def lost(self, reason: str) -> None:
        """Nobody is told: who asked watches the broker's state."""

    def on_confirm(self, method: frames.Method, payload: bytes) -> None:
        """Nothing is confirmed here."""

    def on_content(self, method: bytes, header: bytes, body: bytes) -> None:
        """Take a question that the broker returned."""
        _, queue = frames.read_return(method)
        number = read_properties(header, body).correlation_id
        call_back(self._on_refused, number, Fault("no_route", f"no queue takes it: queue {queue}"))

    def on_closed(self, reason: str) -> None:
        """Take the loss of the channel for that of the connection: all starts anew."""
        self._wire.lost(reason)
