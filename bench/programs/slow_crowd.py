"""Clients that take their time, many at once.

    python -m bench.programs.slow_crowd PORT COUNT

Each does one of the things by which connections are held: a header section or a body that comes
byte by byte, an answer that nobody reads, a connection on which nothing comes. Who is thrown out
comes again at once, so that the crowd stays as large as it was. Ends with its parent; prints a line
when the crowd is complete, and what became of it when its input ends.
"""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

# Seconds between two bytes.
_DRIP: Final = 1.0
_HEAD: Final = b"POST /echo HTTP/1.1\r\nHost: a\r\n"

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _drip(writer: asyncio.StreamWriter, byte: bytes) -> None:
    # Each in its own time: all in the same moment would be a burst, and not slow.
    await asyncio.sleep(random.random() * _DRIP)
    while True:
        writer.write(byte)
        await writer.drain()
        await asyncio.sleep(_DRIP)


async def _headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD + b"X-Slow: ")
    await _drip(writer, b"a")


async def _body(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD + b"Content-Length: 100000\r\n\r\n")
    await _drip(writer, b"a")


async def _chunks(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    await _drip(writer, b"1\r\na\r\n")


async def _unread(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    await asyncio.Event().wait()


async def _silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


ACTS: Final[tuple[Act, ...]] = (_headers, _body, _chunks, _unread, _silent)


class Crowd:
    """The clients, and how often each kind was thrown out."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.there = 0
        self.out: Counter[str] = Counter()

    async def one(self, act: Act) -> None:
        """Be slow in one way, for ever."""
        while True:
            try:
                # Little room for what is not read, as a client has that means it.
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1024)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            self.there += 1
            both = [
                asyncio.ensure_future(act(reader, writer)),
                asyncio.ensure_future(_gone(writer)),
            ]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                self.out[act.__name__.strip("_")] += 1
            finally:
                self.there -= 1
                for task in both:
                    task.cancel()
                await asyncio.gather(*both, return_exceptions=True)
                writer.transport.abort()


async def _gone(writer: asyncio.StreamWriter) -> None:
    """Wait until the gateway has closed; one who reads nothing never sees an end of file."""
    while not writer.transport.is_closing():  # noqa: ASYNC110 - a transport has no such event
        await asyncio.sleep(_DRIP)


async def _main(port: int, count: int) -> None:
    crowd = Crowd(port)
    tasks = [asyncio.create_task(crowd.one(ACTS[n % len(ACTS)])) for n in range(count)]
    while crowd.there < count:  # noqa: ASYNC110 - once, at the start
        await asyncio.sleep(0.05)
    print("complete", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(crowd.there, dict(crowd.out), flush=True)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2])))
