"""A RabbitMQ stream: messages that stay where they are, to be read again from any place.

Not a part of the broker port: nothing on the path of a call writes to a stream or reads one. So it
is aio-pika's plain calls on a connection of its own, with no recovery: whoever uses it opens
another one. Source: https://www.rabbitmq.com/docs/streams, used over AMQP 0-9-1.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import aio_pika
import msgspec
from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractIncomingMessage,
    AbstractQueue,
    DeliveryMode,
)
from aiormq.exceptions import ChannelAccessRefused
from yarl import URL

from contracts.brokers.rabbitmq.address import addresses
from contracts.brokers.rabbitmq.link import hush
from contracts.brokers.rabbitmq.rare import ask
from contracts.fault import Fault

# Seconds for connecting, TLS and login; for a batch to be confirmed; for a polite goodbye.
CONNECT: Final = 5.0
CONFIRM: Final = 10.0
GOODBYE: Final = 1.0
# Seconds for the first message to come, and without another one after which the end was reached:
# no answer of the broker tells where that is at this moment.
FIRST: Final = 1.0
SILENCE: Final = 0.1
# Messages that the broker may send ahead of our acknowledgements.
_AHEAD: Final = 200
_OFFSET: Final = "x-stream-offset"

# What makes a queue a stream, and how many more arguments one can have, and some.
_STREAM: Final = ("x-queue-type", "stream")
_ARGUMENTS: Final = 12
_NO_STREAM: Final = "is a queue and no stream: a stream needs a name that no queue has"
_INEQUIVALENT: Final = "inequivalent arg"
# "inequivalent arg 'x-max-age' for queue 'q' in vhost '/': received none but current is the value
# '7D' of type 'longstr'", or "but current is '7D'" where both are of one type.
_DIFFERS: Final = re.compile(
    r"inequivalent arg '(x-[a-z-]+)' for .* but current is "
    r"(?:none|(?:the value )?'([^']*)'(?: of type '(\w+)')?)"
)

# Where reading begins: an offset, a moment in Unix seconds, the first or the last chunk, or what
# comes next.
Begin = int | float | str


class Entry(msgspec.Struct, frozen=True):
    """A message of a stream: its offset, the moment that its writer gave it, and its body.

    The moment is in Unix seconds.
    """

    offset: int
    moment: int
    body: bytes


class RabbitStream:
    """One stream, on a connection of its own, which may lie idle as long as it likes.

    Raises Fault ``broker_down`` when the broker cannot be reached, ``no_route`` for a stream that
    is not there and ``conflict`` for a queue of that name that is none, or is another one.
    """

    def __init__(self, url: str, name: str, *, label: str) -> None:
        # Without heartbeats: whoever writes now and then is no reason to hang up.
        self._addresses = [one.update_query(heartbeat=0) for one in addresses(url)]
        self.name = name
        self._label = label
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None

    def __repr__(self) -> str:
        state = "open" if self._connection else "closed"
        return f"<RabbitStream {self.name} {state}>"

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._channel is not None and not self._channel.is_closed

    async def open(self) -> None:
        """Connect, to the first of the addresses that answers."""
        await self.close()
        hush()
        trouble = Fault("broker_down", "no address of a broker is given")
        for url in self._addresses:
            try:
                self._connection = await ask(self._connect(url), within=CONNECT)
                self._channel = await ask(_opened(self._connection))
            except Fault as fault:
                trouble = fault
            else:
                return
        raise trouble

    async def declare(self, *, age: float | None = None, size: int | None = None) -> None:
        """Declare the stream; ``age`` in seconds and ``size`` in bytes bound what it keeps.

        The broker deletes whole segments, so some more may be there.
        """
        arguments: dict[str, Any] = dict([_STREAM])
        if age is not None:
            arguments["x-max-age"] = f"{max(1, round(age))}s"
        if size is not None:
            arguments["x-max-length-bytes"] = size
            # A segment is what can be deleted at a time: 500 MB would be most of it.
            arguments["x-stream-max-segment-size-bytes"] = max(1_000_000, min(size // 10, 10**8))
        await ask(self._now.declare_queue(self.name, durable=True, arguments=arguments))

    async def check(self) -> None:
        """Make sure that what is there is a stream: in a queue, messages would be others' work.

        Raises Fault ``conflict`` when it is none. A broker that forbids to ask has an operator who
        knows; then nothing is known here.
        """
        arguments: dict[str, Any] = dict([_STREAM])
        for _ in range(_ARGUMENTS):
            try:
                await self._is_there_with(arguments)
            except Fault as fault:
                if isinstance(fault.__cause__, ChannelAccessRefused):
                    return
                # No answer tells what kind of queue it is. But each tells one argument that
                # differs, so the next try has that one right: at last all, if it is a stream.
                arguments = _corrected(arguments, fault)
            else:
                return
        raise Fault("conflict", _NO_STREAM)

    async def append(self, messages: Sequence[tuple[bytes, int]]) -> None:
        """Write messages and wait until the broker has confirmed them all.

        Each is a body with its moment in Unix seconds; the broker finds places by a clock of its
        own.
        """
        exchange = self._now.default_exchange
        sent = [
            exchange.publish(
                aio_pika.Message(
                    body,
                    delivery_mode=DeliveryMode.PERSISTENT,
                    timestamp=datetime.fromtimestamp(moment, UTC),
                ),
                routing_key=self.name,
                timeout=CONFIRM,
            )
            for body, moment in messages
        ]
        await ask(_all(sent), within=CONFIRM)

    async def read(self, begin: Begin, *, most: int, end: int | None = None) -> list[Entry]:
        """Read from ``begin`` on, at most ``most`` messages; fewer when the end was reached.

        ``end`` is the offset to stop before, if it is known; else the end is where nothing comes
        for a while.
        """
        channel = await ask(_opened(self._live))
        try:
            return await self._read(channel, begin, most, end)
        finally:
            with suppress(Fault):
                await ask(_closed(channel), within=GOODBYE)

    async def close(self) -> None:
        """Leave."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            with suppress(Fault):
                await ask(connection.close(), within=GOODBYE)

    async def _is_there_with(self, arguments: dict[str, Any]) -> None:
        """Find it, and then declare it, which changes nothing of what is there; may be refused."""
        channel = await ask(_opened(self._live))
        try:
            await ask(channel.declare_queue(self.name, passive=True))
            await ask(channel.declare_queue(self.name, durable=True, arguments=arguments))
        finally:
            with suppress(Fault):
                await ask(_closed(channel), within=GOODBYE)

    async def _connect(self, url: URL) -> AbstractConnection:
        return await aio_pika.connect(url, client_properties={"connection_name": self._label})

    @property
    def _live(self) -> AbstractConnection:
        if self._connection is None:
            raise Fault("broker_down", "not connected")
        return self._connection

    @property
    def _now(self) -> AbstractChannel:
        if self._channel is None:
            raise Fault("broker_down", "not connected")
        return self._channel

    async def _read(
        self, channel: AbstractChannel, begin: Begin, most: int, end: int | None
    ) -> list[Entry]:
        await ask(channel.set_qos(prefetch_count=_AHEAD))
        queue: AbstractQueue = await ask(channel.declare_queue(self.name, passive=True))
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        spec = datetime.fromtimestamp(begin, UTC) if isinstance(begin, float) else begin
        tag = await ask(queue.consume(arrived.put, arguments={_OFFSET: spec}))
        found: list[Entry] = []
        while len(found) < most and (end is None or not found or found[-1].offset < end - 1):
            try:
                async with asyncio.timeout(SILENCE if found and end is None else FIRST):
                    message = await arrived.get()
            except TimeoutError:
                break
            # Of a queue, a message goes back to it untouched.
            entry = _entry(message)
            await ask(message.ack())
            # A chunk comes whole, also what stands in it before the place that was asked for.
            if not isinstance(begin, int) or entry.offset >= begin:
                found.append(entry)
        with suppress(Fault):
            await ask(queue.cancel(tag))
        return found


def _corrected(arguments: dict[str, Any], refusal: Fault) -> dict[str, Any]:
    """Give arguments with the one right that the broker refused; raises Fault if none can be."""
    if refusal.code != "conflict" or _INEQUIVALENT not in refusal.detail:
        raise refusal
    differs = _DIFFERS.search(refusal.detail)
    if differs is None or differs[1] in _STREAM:
        raise Fault("conflict", _NO_STREAM) from refusal
    name, value, kind = differs.groups()
    others = {key: other for key, other in arguments.items() if key != name}
    if value is None:
        return others
    text = isinstance(arguments.get(name), str) if kind is None else kind == "longstr"
    if not (text or value.isdecimal()):
        raise Fault("conflict", _NO_STREAM) from refusal
    return {**others, name: value if text else int(value)}


def _entry(message: AbstractIncomingMessage) -> Entry:
    stamp = message.timestamp
    offset = message.headers.get(_OFFSET)
    if not isinstance(offset, (int, str)):
        raise Fault("conflict", _NO_STREAM)
    return Entry(
        offset=int(offset), moment=int(stamp.timestamp()) if stamp else 0, body=message.body
    )


async def _all(sent: Sequence[Any]) -> None:
    await asyncio.gather(*sent)


async def _opened(connection: AbstractConnection) -> AbstractChannel:
    return await connection.channel(publisher_confirms=True)


async def _closed(channel: AbstractChannel) -> None:
    await channel.close()
