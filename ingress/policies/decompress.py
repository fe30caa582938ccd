"""Make a compressed request body itself again, before anybody looks into it.

The worker gets the plain body. How far a body may expand is bounded twice: by ``max_body``, and by
a ratio, since a small bomb that stays below the first still costs its time.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Final

import msgspec

from contracts.call import Reply
from contracts.fault import Fault
from ingress.coding.codings import Bounds, Coding, decode, name_of
from ingress.policies.port import Request, Slot

# Bytes. A larger one is decoded in a thread: it may be some milliseconds, and others wait.
_AT_ONCE: Final = 8 * 1024
# What was true of the compressed body alone (RFC 9110 section 8.6, RFC 9530 section 2).
_UNTRUE: Final = frozenset({"content-encoding", "content-length", "content-digest"})


class Decompress:
    """Answers 413 for a body that expands too far, 415 for another coding, 400 for garbage."""

    name = "decompress"
    slot = Slot.SHAPE

    def __init__(self, codings: tuple[Coding, ...], bounds: Bounds) -> None:
        self._codings = codings
        self._bounds = bounds

    def admit(self, flow: Request) -> Reply | Awaitable[Reply | None] | None:
        said = flow.call.header("content-encoding")
        if not said or said.strip().lower() == "identity":
            return None
        coding = name_of(said)
        if coding not in self._codings:
            # RFC 9110 section 15.5.16: Accept-Encoding says what would have been taken.
            taken = ", ".join(self._codings)
            raise Fault(
                "unsupported_media_type",
                f"the content coding is not accepted here; send {taken}",
                headers=(("accept-encoding", taken),),
            )
        body = flow.call.body
        if len(body) > _AT_ONCE:
            return self._decode(flow, coding)
        _replace(flow, decode(coding, body, self._bounds) if body else b"")
        return None

    def settings(self) -> Mapping[str, Any]:
        bounds = self._bounds
        return {"codings": list(self._codings), "ratio": bounds.ratio, "max_body": bounds.most}

    async def _decode(self, flow: Request, coding: Coding) -> Reply | None:
        _replace(flow, await asyncio.to_thread(decode, coding, flow.call.body, self._bounds))
        return None

    def __repr__(self) -> str:
        return f"<Decompress {', '.join(self._codings)} {self._bounds!r}>"


def build(asked: Mapping[str, Any]) -> Decompress | None:
    """Build it for a route that has ``decompress``."""
    settings = asked.get("decompress", "off")
    if settings == "off":
        return None
    return Decompress(settings["codings"], Bounds(asked["body_limit"], settings["ratio"]))


def _replace(flow: Request, body: bytes) -> None:
    headers = tuple(pair for pair in flow.call.headers if pair[0] not in _UNTRUE)
    flow.call = msgspec.structs.replace(flow.call, headers=headers, body=body)
