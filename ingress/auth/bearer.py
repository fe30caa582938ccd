"""Where a token is in a request, and how a client is told that it was not good (RFC 6750)."""

from typing import Final

import msgspec

from contracts.call import Call
from ingress.auth.credentials import Credentials, cookie_value
from ingress.auth.refusal import Refused

AUTHORIZATION: Final = "authorization"

_PREFIX: Final = "bearer "


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A header field, where ``Bearer`` may stand before the token, and perhaps a cookie.

    In ``Authorization`` it must stand there: other schemes are for other authenticators.
    """

    header: str = AUTHORIZATION
    cookie: str = ""
    realm: str = "queuegate"

    @property
    def credentials(self) -> Credentials:
        """Where the token travels."""
        cookies = frozenset([self.cookie]) if self.cookie else frozenset[str]()
        return Credentials(headers=frozenset([self.header]), cookies=cookies)

    def find(self, call: Call) -> str | None:
        """Give the token that is shown, ``None`` for none.

        Raises ``Refused`` for more than one: which of them counts would be anybody's guess.
        """
        shown = [value for name, value in call.headers if name == self.header]
        if not shown:
            return (cookie_value(call, self.cookie) or None) if self.cookie else None
        if len(shown) > 1:
            raise Refused("more than one token was shown", error="invalid_request")
        if shown[0][: len(_PREFIX)].lower() == _PREFIX:
            return shown[0][len(_PREFIX) :].strip(" ")
        return None if self.header == AUTHORIZATION else shown[0]

    def challenge(self, refused: Refused | None) -> str:
        """Write the challenge; without a token it says nothing of errors (RFC 6750 section 3.1)."""
        error = f', error="{refused.error}"' if refused else ""
        said = f', error_description="{refused.reason}"' if refused else ""
        return f'Bearer realm="{self.realm}"{error}{said}'
