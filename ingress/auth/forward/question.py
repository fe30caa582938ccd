"""What is told of a request to whom decides about it."""

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from ingress.auth.http_client import Fields
from ingress.auth.port import Request

_SAFE = "/%:@!$&'()*+,;=~-._"


class Question(msgspec.Struct, frozen=True):
    """A request as the other side is told of it; ``shown`` are the fields that may prove something.

    The rest is told in the fields that Traefik and others have made usual.
    """

    method: str
    host: str
    target: str
    address: str
    secure: bool
    request_id: str
    shown: Fields

    @property
    def fields(self) -> Fields:
        """Give all as header fields."""
        return (
            ("x-forwarded-method", self.method),
            ("x-forwarded-proto", "https" if self.secure else "http"),
            ("x-forwarded-host", self.host),
            ("x-forwarded-uri", self.target),
            ("x-forwarded-for", self.address),
            ("x-request-id", self.request_id),
            *self.shown,
        )

    def key(self, *, whole: bool) -> str:
        """Give what the answer depends on: what was shown, and, ``whole``, on what it was."""
        about = (self.method, self.host, self.target, self.address, self.secure) if whole else ()
        # As JSON, so that no two questions are written in the same way.
        return msgspec.json.encode((about, self.shown)).decode()


def question(request: Request, send: Sequence[str]) -> Question:
    """Tell of a request, with those of its fields whose names are in ``send``."""
    call = request.call
    target = f"{call.path}?{call.query}" if call.query else call.path
    return Question(
        method=call.method,
        host=call.header("host"),
        target=quote(target, safe=_SAFE + "?"),
        address=call.caller.address,
        secure=request.secure,
        request_id=call.id,
        shown=tuple((name, value) for name, value in call.headers if name in send),
    )
