"""Hold a body to its content type: the right one, and true.

Only for routes that say ``body:``; for all others a body is bytes that nobody
looks at. JSON (also ``+json``), msgpack and forms are parsed to see whether
they are what they claim to be; the worker gets the bytes.
Multipart and all other types are held to the list and not parsed.
"""

from collections.abc import Mapping
from typing import Any

from contracts.call import Reply
from contracts.fault import Fault
from ingress import content
from ingress.policies.port import Request, Slot


class Media:
    """Answers 415 for other content types, 400 for a body that is not of its type."""

    name = "media"
    slot = Slot.SHAPE

    def __init__(self, media: tuple[str, ...], *, required: bool, wellformed: bool) -> None:
        self._media = media
        self._required = required
        self._wellformed = wellformed
        self._exact = frozenset(media)
        self._prefixes = tuple(one[:-1] for one in media if one.endswith("/*"))

    def admit(self, flow: Request) -> Reply | None:
        call = flow.call
        if not call.body:
            if self._required:
                raise Fault("invalid_request", "a body is required here, and there is none")
            return None
        kind = content.kind_of(call.header("content-type"))
        if kind not in self._exact and not (kind and kind.startswith(self._prefixes)):
            raise self._refusal(f"the content type {kind!r} is not" if kind else "none was named")
        if self._wellformed and content.parser_of(kind) is not None:
            content.value(flow)
        return None

    def settings(self) -> Mapping[str, Any]:
        return {
            "media": list(self._media),
            "required": self._required,
            "wellformed": self._wellformed,
        }

    def _refusal(self, what: str) -> Fault:
        taken = ", ".join(self._media)
        # RFC 9110 section 12.5.1: Accept in a 415 says what would have been taken.
        return Fault(
            "unsupported_media_type",
            f"{what} accepted here; send {taken}",
            headers=(("accept", taken),),
        )

    def __repr__(self) -> str:
        return f"<Media {', '.join(self._media)}>"


def build(asked: Mapping[str, Any]) -> Media | None:
    """Build it for a route that sets ``body``."""
    body = asked.get("body")
    if body is None:
        return None
    return Media(body["media"], required=body["required"], wellformed=body["wellformed"])
