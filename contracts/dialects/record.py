"""The native dialect's msgpack bodies, read and written in one go when they are as they should be.

msgspec checks names, types and shapes while it decodes: a fifth of the time of
decoding first and looking at each field then. It only says yes or no. What it
does not take goes the long way in ``native``, which knows what is allowed
beside the usual (text for a body, base64) and what to say of the rest.
"""

from typing import Final, TypeVar

import msgspec

from contracts.call import Caller

T = TypeVar("T")

POST: Final = "POST"

Pairs = tuple[tuple[str, str], ...]


class CallRecord(msgspec.Struct, frozen=True):
    """The body of a request, field by field as in docs/wire.md."""

    op: str
    v: int = 1
    id: str | msgspec.UnsetType = msgspec.UNSET
    method: str = POST
    path: str = "/"
    query: str = ""
    params: dict[str, str] = {}
    headers: Pairs = ()
    body: bytes = b""
    body64: str = ""
    caller: Caller | None = None


class ReplyRecord(msgspec.Struct, frozen=True):
    """The body of a reply."""

    status: int = 200
    headers: Pairs = ()
    body: bytes = b""
    body64: str = ""


class CallBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request as it is written: what has its default value is left out."""

    v: int
    id: str
    op: str
    method: str = POST
    path: str = "/"
    query: str = ""
    params: dict[str, str] = {}
    headers: Pairs = ()
    caller: Caller | msgspec.UnsetType = msgspec.UNSET
    body: bytes = b""


class ReplyBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reply as it is written."""

    status: int
    headers: Pairs = ()
    body: bytes = b""


_CALL: Final = msgspec.msgpack.Decoder(CallRecord)
_REPLY: Final = msgspec.msgpack.Decoder(ReplyRecord)


def read_call(body: bytes) -> CallRecord | None:
    """Read the body of a request, or give ``None`` for the long way."""
    return _read(_CALL, body)


def read_reply(body: bytes) -> ReplyRecord | None:
    """Read the body of a reply, or give ``None`` for the long way."""
    return _read(_REPLY, body)


def _read(decoder: msgspec.msgpack.Decoder[T], body: bytes) -> T | None:
    try:
        return decoder.decode(body)
    # Malformed, of another shape, or nested deeper than the stack.
    except (ValueError, RecursionError, OverflowError):
        return None
