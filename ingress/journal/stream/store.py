"""Writes records into a stream, a batch a message, each confirmed before it counts as written."""

import asyncio
from collections.abc import Sequence

from contracts.brokers.rabbitmq.stream import RabbitStream
from contracts.fault import Fault
from ingress.journal.entry import Storable
from ingress.journal.record import JournalError
from ingress.journal.stream import batch


class StreamStore:
    """Writes to a stream, which is declared at the first write; connects again after a failure.

    ``age`` in seconds and ``size`` in bytes bound a stream that is made here; one that is there
    keeps the bounds that it has. One thread at a time, and always the same. ``write`` raises
    ``JournalError``; when only the confirm was lost, the records may be there twice after the next
    attempt.
    """

    def __init__(self, stream: RabbitStream, *, age: float | None, size: int | None) -> None:
        self._stream = stream
        self._age = age
        self._size = size
        self._runner: asyncio.Runner | None = None

    def __repr__(self) -> str:
        return f"<StreamStore {self._stream!r}>"

    def write(self, records: Sequence[Storable]) -> int:
        """Write records; gives their bytes."""
        messages = list(batch.pack(records))
        if self._runner is None:
            self._runner = asyncio.Runner()
        try:
            self._runner.run(self._append(messages))
        except Fault as fault:
            name = self._stream.name
            raise JournalError(f"journal stream:{name}: {fault.detail or fault.title}") from fault
        return sum(len(body) for body, _ in messages)

    def tidy(self) -> bool:
        """Nothing to do: the broker deletes what is too old or too much."""
        return False

    def close(self) -> None:
        """Leave."""
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.run(self._stream.close())
            runner.close()

    async def _append(self, messages: Sequence[tuple[bytes, int]]) -> None:
        try:
            if not self._stream.is_open:
                await self._open()
            if messages:
                await self._stream.append(messages)
        except Fault:
            # Whatever it was, the next attempt begins with a connection that works.
            await self._stream.close()
            raise

    async def _open(self) -> None:
        await self._stream.open()
        try:
            await self._stream.declare(age=self._age, size=self._size)
        except Fault as fault:
            if fault.code != "conflict":
                raise
            # The channel is gone. A stream with other bounds will do, for only a policy changes
            # them; in a queue, the records would be taken for somebody's messages.
            await self._stream.open()
            await self._stream.check()
