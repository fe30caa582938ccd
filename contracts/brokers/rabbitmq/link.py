"""One AMQP connection: aio-pika's, with our Wire under it."""

import logging
from contextlib import suppress
from typing import Any, Final

import aio_pika
import aio_pika.abc
import aiormq.abc
import aiormq.exceptions
from yarl import URL

from contracts.brokers.rabbitmq.rare import ask, translated
from contracts.brokers.rabbitmq.transport import Transports
from contracts.brokers.rabbitmq.wire import Handler, Wire
from contracts.fault import Fault

# Seconds for connecting, TLS and login.
CONNECT: Final = 5.0
# Seconds for a polite goodbye; then the socket is cut.
GOODBYE: Final = 1.0

# AMQP 0-9-1 section 4.2.3: a number has 16 bits, and 0 is the connection's own.
MOST_CHANNELS: Final = 65_535


def hush() -> None:
    """Keep aiormq from logging what those who watch the broker's state are told already.

    It logs each loss and each attempt to connect as an error with a traceback. Its logger is one
    for the whole process, so a level that somebody else has set stays.
    """
    logger = logging.getLogger("aiormq")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)


class TappedConnection(aio_pika.Connection):
    """aio-pika's plain connection (it does not reconnect), with a tap on its transport."""

    def __init__(self, url: URL, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on
        super().__init__(url, *args, **kwargs)
        self.wire = Wire()
        # aio-pika hands its ``kwargs`` to aiormq, whose public extension point this is.
        self.kwargs["transport_factory"] = Transports(self.wire)


class Link:
    """A connection with its channels."""

    def __init__(self, connection: TappedConnection) -> None:
        self.wire = connection.wire
        self._connection = connection
        # The channel number that was given last.
        self._last = 0

    def __repr__(self) -> str:
        return f"<Link {self.wire!r}>"

    @classmethod
    async def open(cls, url: URL, name: str) -> "Link":
        """Connect; raises Fault ``broker_down`` with a reason to read."""
        connection = TappedConnection(url, client_properties={"connection_name": name})
        try:
            await ask(connection.connect(timeout=CONNECT), within=CONNECT + GOODBYE)
        except BaseException as error:
            connection.wire.abort()
            with suppress(Fault):
                await ask(connection.close(), within=GOODBYE)
            if isinstance(error, Fault) and connection.wire.lost_because:
                # What the broker said when it closed; aiormq only says that it expected more.
                raise Fault("broker_down", connection.wire.lost_because) from error
            raise
        link = cls(connection)
        link.wire.splitter.largest = link.frame_max
        link.wire.silence.start(link._amqp.connection_tune.heartbeat or 0)
        return link

    @property
    def frame_max(self) -> int:
        """The longest frame, in bytes; 0 for no limit."""
        return self._amqp.connection_tune.frame_max or 0

    @property
    def _amqp(self) -> aiormq.abc.AbstractConnection:
        transport = self._connection.transport
        if transport is None:
            raise Fault("broker_down", "the connection is closed")
        return transport.connection

    async def channel(self, *, confirms: bool = False) -> aiormq.abc.AbstractChannel:
        """Open a channel, for aiormq to speak on; raises only Faults."""
        self.wire.flush()
        amqp, number = self._amqp, self._free_number()
        return await ask(amqp.channel(number, publisher_confirms=confirms))

    def _free_number(self) -> int:
        """Choose a number for a channel: the one that was free for the longest time.

        aiormq would take one again that the broker has just closed, and may open it before it has
        sent its answer to that: to RabbitMQ an error that ends the connection (``CHANNEL_ERROR -
        second 'channel.open' seen``). It needed a few refusals at one time.
        """
        amqp = self._amqp
        most = amqp.connection_tune.channel_max or MOST_CHANNELS
        for _ in range(most):
            self._last = self._last % most + 1
            if self._last not in amqp.channels:
                return self._last
        raise Fault("broker_down", f"all {most} channels of the connection are in use")

    async def plain_channel(self, *, confirms: bool) -> aio_pika.abc.AbstractChannel:
        """Open a channel of aio-pika's; raises only Faults."""
        try:
            channel = self._connection.channel(
                channel_number=self._free_number(), publisher_confirms=confirms
            )
        except (RuntimeError, aiormq.exceptions.AMQPError) as error:
            raise translated(error) from error
        await ask(channel.initialize())
        return channel

    def take(self, channel: aiormq.abc.AbstractChannel, handler: Handler) -> None:
        """Let ``handler`` have the content frames of a channel from now on."""
        self.wire.handlers[channel.number] = handler

    async def shut(self, channel: aiormq.abc.AbstractChannel) -> None:
        """Close a channel; never raises."""
        self.wire.flush()
        with suppress(Fault):
            await ask(channel.close())
        self.wire.handlers.pop(channel.number, None)

    async def close(self) -> None:
        """Say goodbye, or cut the connection when that takes too long; never raises."""
        self.wire.flush()
        with suppress(Fault):
            await ask(self._connection.close(), within=GOODBYE)
        self.wire.abort()
