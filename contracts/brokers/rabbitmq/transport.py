"""The connection under aiormq, with a Wire on it."""

import asyncio
from typing import Any

import aiormq
import aiormq.connection
from yarl import URL

from contracts.brokers.rabbitmq.wire import HIGH_WATER, LOW_WATER, Tap, Wire


class Flow(asyncio.StreamReaderProtocol):
    """Tells the Wire when the socket takes no more bytes, and when it does again."""

    def __init__(self, wire: Wire, tap: Tap, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(tap, loop=loop)
        self._wire = wire

    def pause_writing(self) -> None:
        """Hear that too much waits for the socket."""
        super().pause_writing()
        self._wire.hear_writable(paused=True)

    def resume_writing(self) -> None:
        """Hear that the socket takes bytes again."""
        super().resume_writing()
        self._wire.hear_writable(paused=False)


class Transports(aiormq.connection.TransportFactory):
    """Makes the connection that a Wire taps; TCP, or TLS for amqps."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def create(
        self,
        url: URL,
        **kwargs: Any,  # noqa: ANN401 - handed on to the event loop
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect; raises what aiormq's own factories raise."""
        contexts = kwargs.pop("ssl_context_provider")
        tls = await contexts.get_context() if url.scheme == "amqps" else None
        loop = asyncio.get_running_loop()
        reader = Tap(self._wire, loop)
        protocol = Flow(self._wire, reader, loop)
        try:
            transport, _ = await loop.create_connection(
                lambda: protocol, url.host or "", url.port or 0, ssl=tls, **kwargs
            )
        except OSError as error:
            raise aiormq.exceptions.AMQPConnectionError(*error.args) from error
        transport.set_write_buffer_limits(high=HIGH_WATER, low=LOW_WATER)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        self._wire.attach(writer)
        return reader, writer
