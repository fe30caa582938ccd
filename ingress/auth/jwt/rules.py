"""What the claims of a token must be, once its signature is right (RFC 7519 section 4.1)."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ingress.auth.refusal import Refused

USUAL_TYPES: Final = ("jwt", "at+jwt")
"""Of a token that is meant for an API: as such (RFC 9068), or without saying more."""

# The end of the year 9999, in Unix seconds: what is later is no date but an attempt.
_LAST: Final = 253_402_300_799


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What a token must say to be believed here.

    - ``issuers`` and ``audiences`` are the accepted ones, compared character by character; with no
      ``issuers`` all are. ``audiences`` of ``None`` are not looked at; with an empty list a token
      that names any is for somebody else (RFC 7519 section 4.1.3);
    - ``leeway`` is what clocks may differ, ``max_lifetime`` the longest that a token may be valid,
      in seconds, 0 for no limit;
    - ``required`` are claims that must be there, ``types`` the accepted ``typ``, in lower case; a
      token that says none is accepted.
    """

    issuers: tuple[str, ...] = ()
    audiences: tuple[str, ...] | None = ()
    leeway: float = 0.0
    max_lifetime: float = 0.0
    required: tuple[str, ...] = ("exp",)
    types: tuple[str, ...] = USUAL_TYPES

    def check(self, header: Mapping[str, Any], claims: Mapping[str, Any], now: float) -> float:
        """Check everything; gives when the token ends, 0 for never. Raises ``Refused``."""
        self._check_type(header.get("typ"))
        for name in self.required:
            if claims.get(name) is None:
                raise Refused(f"the token lacks the claim {name}")
        self._check_issuer(claims.get("iss"))
        self._check_audience(claims.get("aud"))
        return self._check_times(claims, now)

    def _check_type(self, typ: object) -> None:
        if typ is None:
            return
        # RFC 7515 section 4.1.9: in any case, and application/ goes without saying.
        if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in self.types:
            raise Refused("the token is of a type that is not accepted here")

    def _check_issuer(self, issuer: object) -> None:
        if issuer is not None and not isinstance(issuer, str):
            raise Refused("the issuer of the token is malformed")
        if self.issuers and issuer not in self.issuers:
            raise Refused("the token is of an issuer that is not accepted here")

    def _check_audience(self, audience: object) -> None:
        named = [audience] if isinstance(audience, str) else audience
        if named is None:
            if self.audiences:
                raise Refused("the token names no audience")
            return
        if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
            raise Refused("the audience of the token is malformed")
        if self.audiences is not None and not set(named) & set(self.audiences):
            raise Refused("the token is for another audience")

    def _check_times(self, claims: Mapping[str, Any], now: float) -> float:
        expires, begins, issued = (_date(claims, name) for name in ("exp", "nbf", "iat"))
        if expires is not None and expires + self.leeway <= now:
            raise Refused("the token has expired")
        if begins is not None and begins - self.leeway > now:
            raise Refused("the token is not valid yet")
        if issued is not None and issued - self.leeway > now:
            raise Refused("the token was issued in the future")
        if self.max_lifetime:
            born = now if issued is None else issued
            if expires is None or expires - born > self.max_lifetime:
                raise Refused("the token is valid for too long")
        return 0.0 if expires is None else expires


def _date(claims: Mapping[str, Any], name: str) -> float | None:
    """Give a NumericDate: seconds, perhaps with a fraction (RFC 7519 section 2)."""
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    # A truth is a number to Python. A null is none to JSON.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LAST:
        raise Refused(f"the claim {name} of the token is no date")
    return value
