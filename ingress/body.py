"""Reads the body of a request, as much of it as is wanted and no more."""

import asyncio
from typing import Any, Final, Protocol

from contracts.fault import Fault
from ingress import grammar

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Stream(Protocol):
    """The connection's side of a request, as the server has it."""

    # True for a body with a length, "chunked" for one without, None when it is read.
    request_body: Any
    request_bytes_left: Any
    expecting_continue: bool
    recv_buffer: Any
    protocol: Any

    async def read(self) -> bytes | None:
        """Give a piece of the body."""
        ...


async def read(stream: Stream, declared: str | None, limit: int, within: float) -> bytes:
    """Read the body, at most ``limit`` bytes; too much is refused unread.

    ``declared`` is the Content-Length, which the grammar let pass; ``within``
    is in seconds, for all of it, however slowly it comes. Raises Fault
    ``too_large``, ``request_timeout`` or ``invalid_request``.
    """
    if declared is not None:
        length = int(declared)
        if length > limit:
            raise too_large(limit)
        if length <= len(stream.recv_buffer):
            # It came with the header, as most do: nothing to wait for.
            return await _read(stream, limit)
    try:
        async with asyncio.timeout(within):
            return await _read(stream, limit)
    except TimeoutError:
        raise Fault("request_timeout", f"the body did not arrive within {within:g} s") from None


async def _read(stream: Stream, limit: int) -> bytes:
    parts, size, extended = [], 0, 0
    while stream.request_body:
        if stream.request_body == "chunked" and not stream.request_bytes_left:
            more, extensions = await _head_of_chunk(stream)
            if size + more > limit:
                raise too_large(limit)
            extended += extensions
            if extended > grammar.MOST_EXTENSIONS:
                raise Fault("invalid_request", "the body has too many chunk extensions")
        part = await stream.read()
        if part:
            parts.append(part)
            size += len(part)
            if size > limit:
                raise too_large(limit)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _head_of_chunk(stream: Stream) -> tuple[int, int]:
    """Look at the head of a chunk before the server does, which takes nearly anything for one."""
    try:
        while (found := grammar.chunk(stream.recv_buffer)) is None:
            if stream.expecting_continue:
                stream.expecting_continue = False
                await stream.protocol.send(_CONTINUE)
            await stream.protocol.receive_more()
    except ValueError as error:
        raise Fault("invalid_request", str(error)) from None
    return found


def too_large(limit: int) -> Fault:
    """Give the fault of a body of more than ``limit`` bytes."""
    return Fault("too_large", f"at most {limit} bytes are accepted here", limit=limit)
