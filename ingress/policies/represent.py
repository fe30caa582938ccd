"""Give a JSON reply the form that the client wants: JSON, msgpack or CBOR."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from contracts import codec
from contracts.call import Reply
from contracts.fault import Fault
from ingress import content
from ingress.coding.choice import media_for
from ingress.policies.port import Request, Slot
from ingress.representation import cbor

_PACKERS: Final[Mapping[str, Callable[[Any], bytes]]] = {
    "application/msgpack": codec.pack_checked,
    "application/cbor": cbor.pack,
}
_UNTRUE: Final = frozenset({"content-type", "content-length", "content-digest", "accept-ranges"})
# No body, or a part of one in another form.
_NEVER: Final = frozenset({204, 205, 206, 304})


class Represent:
    """Answers 502 ``bad_reply`` for JSON that is none; what is no JSON stays as it is."""

    name = "represent"
    slot = Slot.REWRITE

    def __init__(self, media: tuple[str, ...]) -> None:
        self._media = media

    def admit(self, flow: Request) -> Reply | None:
        """Pass: it is for the way back."""

    def settle(self, flow: Request) -> None:
        reply = flow.reply
        if reply is None or not reply.body or reply.status in _NEVER:
            return
        kind = content.kind_of(reply.header("content-type"))
        if kind != "application/json" or reply.header("content-encoding"):
            return
        # Whatever this client gets, another would get it otherwise (RFC 9110 section 12.5.5).
        flow.headers.append(("vary", "accept"))
        chosen = media_for(flow.call.header("accept"), self._media)
        pack = _PACKERS.get(chosen)
        if pack is None:
            return
        try:
            body = pack(codec.unpack_json(reply.body, side="bad_reply"))
        except ValueError as error:
            raise Fault("bad_reply", f"the worker's reply holds {error}") from None
        headers = [_weakened(pair) for pair in reply.headers if pair[0].lower() not in _UNTRUE]
        headers.append(("content-type", chosen))
        flow.reply = msgspec.structs.replace(reply, headers=tuple(headers), body=body)

    def settings(self) -> Mapping[str, Any]:
        return {"media": list(self._media)}

    def __repr__(self) -> str:
        return f"<Represent {', '.join(self._media)}>"


def build(asked: Mapping[str, Any]) -> Represent | None:
    """Build it for a route that has ``negotiate``, more than one form, and waits for its reply."""
    settings = asked.get("negotiate", "off")
    if settings == "off" or asked.get("accept") or settings["media"] == ("application/json",):
        return None
    return Represent(settings["media"])


def _weakened(pair: tuple[str, str]) -> tuple[str, str]:
    """Say of an entity tag that the bytes are others (RFC 9110 section 8.8.1)."""
    name, value = pair
    return (name, f"W/{value}") if name.lower() == "etag" and value.startswith('"') else pair
