"""Make replies smaller for clients that ask for it (RFC 9110 sections 8.4 and 12.5.3).

It stands behind the cache, so that what is kept is encoded once for each way that clients ask.
Replies that mix secrets with what a stranger can choose had better not be encoded (BREACH,
CVE-2013-3587).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final, cast

import msgspec

from contracts.call import Reply
from ingress.coding.choice import coding_for
from ingress.coding.codings import Coding, encode
from ingress.policies.port import Request, Slot

# Bytes. A larger one is encoded in a thread: it may be some milliseconds, and others wait.
_AT_ONCE: Final = 16 * 1024
# Seconds for that, the wait for a thread included; an answer is worth more than its smaller form.
_PATIENCE: Final = 2.0
# No body, or a part of one that belongs to another representation (RFC 9110 section 14.4).
_NEVER: Final = frozenset({204, 205, 206, 304})
# What was true of the reply as it was; ranges count in bytes that nobody has any more.
_UNTRUE: Final = frozenset({"content-length", "content-digest", "accept-ranges"})


class Compress:
    """Encodes replies of ``media`` types from ``min_size`` bytes on."""

    name = "compress"
    slot = Slot.REWRITE

    def __init__(
        self, codings: tuple[Coding, ...], *, min_size: int, media: tuple[str, ...]
    ) -> None:
        self._codings = codings
        self._min_size = min_size
        self._media = media
        self._exact = frozenset(media)
        self._prefixes = tuple(one[:-1] for one in media if one.endswith("/*"))

    def admit(self, flow: Request) -> Reply | None:
        """Pass: it is for the way back."""

    def settle(self, flow: Request) -> Callable[[], Awaitable[None]] | None:
        reply = flow.reply
        if reply is None or not self._fits(reply):
            return None
        # Whatever this client gets, another would get it otherwise (RFC 9110 section 12.5.5).
        flow.headers.append(("vary", "accept-encoding"))
        coding = coding_for(flow.call.header("accept-encoding"), self._codings)
        if not coding:
            return None
        chosen = cast("Coding", coding)
        if len(reply.body) > _AT_ONCE:
            return partial(_later, flow, reply, chosen)
        _replace(flow, reply, chosen, encode(chosen, reply.body))
        return None

    def settings(self) -> Mapping[str, Any]:
        return {
            "codings": list(self._codings),
            "min_size": self._min_size,
            "media": list(self._media),
        }

    def _fits(self, reply: Reply) -> bool:
        if len(reply.body) < self._min_size or reply.status in _NEVER or not reply.body:
            return False
        kind = reply.header("content-type").partition(";")[0].strip().lower()
        if kind not in self._exact and not (kind and kind.startswith(self._prefixes)):
            return False
        # RFC 9111 section 5.2.2.6; and what is encoded already stays as it is.
        transform = "no-transform" not in reply.header("cache-control").lower()
        return transform and not reply.header("content-encoding")

    def __repr__(self) -> str:
        return f"<Compress {', '.join(self._codings)} from {self._min_size} bytes>"


def build(asked: Mapping[str, Any]) -> Compress | None:
    """Build it for a route that has ``compress``, and waits for its reply."""
    settings = asked.get("compress", "off")
    if settings == "off" or asked.get("accept"):
        return None
    return Compress(settings["codings"], min_size=settings["min_size"], media=settings["media"])


async def _later(flow: Request, reply: Reply, coding: Coding) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            body = await asyncio.to_thread(encode, coding, reply.body)
        if flow.reply is reply:
            _replace(flow, reply, coding, body)


def _replace(flow: Request, reply: Reply, coding: Coding, body: bytes) -> None:
    if len(body) >= len(reply.body):
        return
    headers = [_weakened(pair) for pair in reply.headers if pair[0].lower() not in _UNTRUE]
    headers.append(("content-encoding", coding))
    flow.reply = msgspec.structs.replace(reply, headers=tuple(headers), body=body)


def _weakened(pair: tuple[str, str]) -> tuple[str, str]:
    """Say of an entity tag that the bytes are others (RFC 9110 section 8.8.1)."""
    name, value = pair
    return (name, f"W/{value}") if name.lower() == "etag" and value.startswith('"') else pair
