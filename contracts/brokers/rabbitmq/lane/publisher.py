"""The publishing channel: confirms and returns, matched to who waits for them."""

from collections.abc import Awaitable, Callable

from contracts.brokers.call_back import call_back, complain
from contracts.brokers.port import Message, OnOutcome
from contracts.brokers.rabbitmq import frames
from contracts.brokers.rabbitmq.content import Content
from contracts.brokers.rabbitmq.properties import read_properties
from contracts.brokers.rabbitmq.rare import refusal
from contracts.brokers.rabbitmq.wire import Wire, refuse_when_choked
from contracts.fault import Fault

# Exchange, routing key, correlation id, message id: what a returned message is known by.
Identity = tuple[str, str, str, str]


class Publisher:
    """Publishes on one channel in confirm mode, without ever waiting."""

    def __init__(self, wire: Wire, channel: int, frame_max: int) -> None:
        self._wire = wire
        self._channel = channel
        self._frame_max = frame_max
        self._tag = 0
        # In the order of their tags.
        self._outstanding: dict[int, tuple[OnOutcome, Identity]] = {}
        self.content = Content()
        self.on_refused: Callable[[], None] | None = None
        self._leave: Callable[[], Awaitable[None]] | None = None

    def __repr__(self) -> str:
        return f"<Publisher channel={self._channel} outstanding={len(self._outstanding)}>"

    @property
    def outstanding(self) -> int:
        """How many outcomes are still due."""
        return len(self._outstanding)

    def attach(self, leave: Callable[[], Awaitable[None]]) -> None:
        """Take what closes the channel."""
        self._leave = leave

    async def leave(self) -> None:
        """Close the channel; never raises."""
        if self._leave is not None:
            await self._leave()

    def publish(
        self, message: Message, routing_key: str, exchange: str, on_outcome: OnOutcome | None
    ) -> None:
        """Send a message, and tell ``on_outcome`` what became of it."""
        refuse_when_choked(self._wire)
        data = frames.publish(
            message,
            channel=self._channel,
            exchange=exchange,
            routing_key=routing_key,
            # Nobody to tell means nothing to return.
            mandatory=on_outcome is not None,
            frame_max=self._frame_max,
        )
        # Counted only when it is sure to be sent: RabbitMQ counts what arrives.
        self._tag += 1
        self._wire.send(data)
        if on_outcome is not None:
            identity = (exchange, routing_key, message.correlation_id, message.message_id)
            self._outstanding[self._tag] = (on_outcome, identity)

    def lost(self, reason: str) -> None:
        """Tell all who wait that nobody will ever know."""
        outstanding, self._outstanding = self._outstanding, {}
        for on_outcome, _ in outstanding.values():
            call_back(on_outcome, Fault("broker_down", reason, not_run=False))

    def on_confirm(self, method: frames.Method, payload: bytes) -> None:
        """Take a confirm or a refusal."""
        fault = None if method == frames.BASIC_ACK else refusal()
        tag, multiple = frames.read_confirm(payload)
        if multiple:
            self._settle_up_to(tag, fault)
        else:
            self._settle(tag, fault)
        if fault is not None and self.on_refused is not None:
            self.on_refused()

    def on_content(self, method: bytes, header: bytes, body: bytes) -> None:
        """Take a message that the broker returned."""
        exchange, routing_key = frames.read_return(method)
        message = read_properties(header, body)
        identity = exchange, routing_key, message.correlation_id, message.message_id
        # A return has no tag. RabbitMQ returns in the order of publishing, before the confirm, so
        # the oldest that looks like it is the one. Rare, so a search will do.
        for tag, (_, known) in self._outstanding.items():
            if known == identity:
                where = f"exchange {exchange}" if exchange else f"queue {routing_key}"
                self._settle(tag, Fault("no_route", f"no queue takes it: {where}"))
                return

    def on_closed(self, reason: str) -> None:
        """Take the loss of the channel for that of the connection: all starts anew."""
        self._wire.lost(reason)

    def _settle(self, tag: int, fault: Fault | None) -> None:
        waiting = self._outstanding.pop(tag, None)
        if waiting is not None:
            try:
                waiting[0](fault)
            except Exception as error:  # noqa: BLE001 - as call_back has it, at half its price
                complain(waiting[0], error)

    def _settle_up_to(self, last: int, fault: Fault | None) -> None:
        tags = []
        for tag in self._outstanding:
            if tag > last:
                break
            tags.append(tag)
        for tag in tags:
            self._settle(tag, fault)
