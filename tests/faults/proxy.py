"""A TCP proxy that does to a connection what networks do."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Final, Self

from tests.harness.ports import free_port

_CHUNK: Final = 65_536
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class Proxy:
    """Listens on ``port`` and passes on to ``target``, as well as it is told to.

    It lives in a thread of its own, so that it works however busy the test is,
    and its methods may be called from anywhere. `heal` makes it a plain proxy
    again; what a stall held back goes on then, as TCP's retransmission would do.
    """

    def __init__(self, target: int, port: int | None = None) -> None:
        self.target = target
        self.port = free_port() if port is None else port
        self.accepted = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"proxy {self.port}")
        self._server: asyncio.Server | None = None
        self._pairs: set[_Pair] = set()
        self.way = Way()

    def __repr__(self) -> str:
        return f"<Proxy {self.port} -> {self.target} {self.way!r} connections={len(self._pairs)}>"

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.unreachable()
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._pairs)

    def url(self, url: str) -> str:
        """Give this AMQP or HTTP URL with our port in place of the target's."""
        return url.replace(f":{self.target}", f":{self.port}")

    def cut(self) -> None:
        """Reset all connections; new ones are taken."""
        self._do(self._abort)

    def unreachable(self) -> None:
        """Reset all connections and refuse new ones."""
        self._do(self._refuse)

    def stall(self, *, requests: bool = True, replies: bool = True) -> None:
        """Take all and pass nothing on, not even an end: a cable that is cut, a half-open TCP.

        ``requests`` is the way to the target, ``replies`` the way back.
        """
        self._do(lambda: self.way.stall(requests=requests, replies=replies))

    def delay(self, seconds: float) -> None:
        """Let everything take so much longer, each way."""
        self._do(lambda: setattr(self.way, "seconds", seconds))

    def slice(self, size: int = 1) -> None:
        """Pass on in pieces of ``size`` bytes."""
        self._do(lambda: setattr(self.way, "size", size))

    def half_close(self) -> None:
        """End the way back on all connections and go on with the way to the target."""
        self._do(self._half_close)

    def heal(self) -> None:
        """Be a plain proxy again."""
        self._do(self.way.clear)
        self._do(self._listen)

    def _do(self, act: Callable[[], object]) -> None:
        """Do it in the proxy's own thread, and wait until it is done."""
        done: Future[None] = Future()

        async def perform() -> None:
            try:
                result = act()
                if asyncio.iscoroutine(result):
                    await result
            except BaseException as error:  # noqa: BLE001 - it is raised in the caller's thread
                done.set_exception(error)
            else:
                done.set_result(None)

        future = asyncio.run_coroutine_threadsafe(perform(), self._loop)
        done.result(10)
        future.result(10)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)

    def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        self._abort()

    def _abort(self) -> None:
        for pair in tuple(self._pairs):
            pair.abort()

    def _half_close(self) -> None:
        for pair in self._pairs:
            pair.end_replies()

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # An aborted transport lets go of its socket on the loop's next turn.
        await asyncio.sleep(0.01)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = _Pair(writer, far_writer)
        self._pairs.add(pair)
        try:
            await asyncio.gather(
                _pump(reader, far_writer, self.way, self.way.requests),
                _pump(far_reader, writer, self.way, self.way.replies),
            )
        except OSError:
            pass  # one end is gone
        finally:
            pair.close()
            self._pairs.discard(pair)


class Way:
    """How the bytes go."""

    def __init__(self) -> None:
        self.requests = asyncio.Event()
        self.replies = asyncio.Event()
        self.seconds = 0.0
        self.size = 0
        self.clear()

    def __repr__(self) -> str:
        stalled = [w for w in ("requests", "replies") if not getattr(self, w).is_set()]
        return f"<Way stalled={stalled} delay={self.seconds} slice={self.size}>"

    def clear(self) -> None:
        """Let all pass."""
        self.requests.set()
        self.replies.set()
        self.seconds = 0.0
        self.size = 0

    def stall(self, *, requests: bool, replies: bool) -> None:
        """Let nothing pass in the given directions."""
        if requests:
            self.requests.clear()
        if replies:
            self.replies.clear()


class _Pair:
    """The two ends of a connection."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self._near = near
        self._far = far

    def close(self) -> None:
        self._near.close()
        self._far.close()

    def abort(self) -> None:
        for writer in (self._near, self._far):
            raw = writer.transport.get_extra_info("socket")
            if raw is not None and raw.fileno() >= 0:
                # Closed so it sends a reset, as a cut does, and no orderly end.
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            writer.transport.abort()

    def end_replies(self) -> None:
        if self._near.can_write_eof() and not self._near.is_closing():
            self._near.write_eof()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way, gate: asyncio.Event
) -> None:
    while data := await reader.read(_CHUNK):
        if way.seconds:
            await asyncio.sleep(way.seconds)
        await gate.wait()
        if writer.is_closing() or writer.transport.get_extra_info("socket") is None:
            return
        for piece in _pieces(data, way.size):
            writer.write(piece)
            await writer.drain()
            if way.size:
                await asyncio.sleep(0)  # so that each is a write of its own
    await gate.wait()
    if writer.can_write_eof() and not writer.is_closing():
        writer.write_eof()


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)] if size else [data]
