"""The channel of calls: no confirms, since the answer is one."""

from contracts.brokers.call_back import call_back
from contracts.brokers.port import Message, OnRefused
from contracts.brokers.rabbitmq import bundle, frames
from contracts.brokers.rabbitmq.content import Content
from contracts.brokers.rabbitmq.lane.bundles import Bundles
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
        self._bundles = Bundles(channel, frame_max, mandatory=True)
        # Whether our last words of this turn are awaited.
        self._closing = False
        self.content = Content()

    def __repr__(self) -> str:
        return f"<Asker channel={self._channel}>"

    def ask(self, message: Message, routing_key: str, lot: int) -> None:
        """Send a message; it comes back when there is no such queue.

        With others of this turn for the same queue it is one message, of up to ``lot`` calls.
        """
        refuse_when_choked(self._wire)
        if lot > 1 and len(message.body) <= bundle.LARGEST and message.priority is None:
            if self._bundles.add(message, routing_key) >= lot:
                # The worker begins with these while others are still being asked.
                self._wire.send_now(self._bundles.take_of(routing_key))
            elif not self._closing:
                self._closing = True
                self._wire.send_last(self._last_words)
            return
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

    def _last_words(self) -> bytes:
        self._closing = False
        return self._bundles.take()

    def lost(self, reason: str) -> None:
        """Nobody is told: who asked watches the broker's state."""

    def on_confirm(self, method: frames.Method, payload: bytes) -> None:
        """Nothing is confirmed here."""

    def on_content(self, method: bytes, header: bytes, body: bytes) -> None:
        """Take a question that the broker returned, or many."""
        _, queue = frames.read_return(method)
        fault = Fault("no_route", f"no queue takes it: queue {queue}")
        message = read_properties(header, body)
        if message.type == bundle.TYPE:
            # Our own bytes, so there is no need to doubt them.
            for part, content in bundle.split(body):
                call_back(self._on_refused, read_properties(part, content).correlation_id, fault)
        else:
            call_back(self._on_refused, message.correlation_id, fault)

    def on_closed(self, reason: str) -> None:
        """Take the loss of the channel for that of the connection: all starts anew."""
        self._wire.lost(reason)
