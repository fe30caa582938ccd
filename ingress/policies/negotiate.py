"""Take a body in the form that the client has, and refuse a client that would take no answer.

The worker gets JSON. Whether the answer can have a form that is wanted is asked first: a call that
changes something had better not be made for an answer that nobody can read.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contracts import codec
from contracts.call import Reply
from contracts.fault import Fault
from ingress import content
from ingress.coding.choice import media_for
from ingress.policies.port import Request, Slot

_JSON: Final = "application/json"
_OTHERS: Final[Mapping[str, str]] = {
    "application/x-msgpack": "application/msgpack",
    "application/vnd.msgpack": "application/msgpack",
    "text/json": _JSON,
    "": _JSON,
}
_UNTRUE: Final = frozenset({"content-type", "content-length", "content-digest"})


class Negotiate:
    """Answers 406 where no form is wanted, 415 for a body in another."""

    name = "negotiate"
    slot = Slot.SHAPE

    def __init__(self, media: tuple[str, ...]) -> None:
        self._media = media

    def admit(self, flow: Request) -> Reply | None:
        call = flow.call
        accept = call.header("accept")
        if accept and not media_for(accept, self._media):
            given = ", ".join(self._media)
            raise Fault("not_acceptable", f"it can be had as {given}", available=list(self._media))
        if call.body:
            self._read(flow)
        return None

    def settings(self) -> Mapping[str, Any]:
        return {"media": list(self._media)}

    def _read(self, flow: Request) -> None:
        call = flow.call
        kind = content.kind_of(call.header("content-type"))
        kind = _JSON if kind.endswith("+json") else _OTHERS.get(kind, kind)
        if kind not in self._media:
            taken = ", ".join(self._media)
            raise Fault(
                "unsupported_media_type",
                f"the content type is not accepted here; send {taken}",
                headers=(("accept", taken),),
            )
        if kind == _JSON:
            return
        value = content.value(flow)
        try:
            body = codec.pack_json(value)
        except ValueError as error:
            raise Fault("invalid_request", f"the body holds {error}") from None
        headers = tuple(pair for pair in call.headers if pair[0] not in _UNTRUE)
        flow.call = msgspec.structs.replace(
            call, headers=(*headers, ("content-type", _JSON)), body=body
        )
        content.remember(flow, value)

    def __repr__(self) -> str:
        return f"<Negotiate {', '.join(self._media)}>"


def build(asked: Mapping[str, Any]) -> Negotiate | None:
    """Build it for a route that has ``negotiate``."""
    settings = asked.get("negotiate", "off")
    return None if settings == "off" else Negotiate(settings["media"])
