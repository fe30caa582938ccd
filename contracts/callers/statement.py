"""What a gateway states about a caller, as a signed token that any JOSE library can check.

A JSON Web Signature in compact form (RFC 7515), so that a worker in any language needs no code of
ours. Why it is this, and what it holds against whom, is in decision 14; field by field it stands in
docs/wire.md, with test vectors.
"""

import hashlib
from typing import Final

import msgspec

from contracts.brokers.port import Message
from contracts.call import Caller
from contracts.callers.keys import encode

HEADER: Final = "x-caller"
"""The AMQP header that carries it."""

TYPE: Final = "queuegate-caller+jwt"
ISSUER: Final = "queuegate"


class Statement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who asks, what they may, for which call, until when.

    - ``sub`` is who: empty for a caller that nobody knows;
    - ``scopes``, ``groups``, ``roles`` and ``address`` are those of the caller;
    - ``aud``, ``op`` and ``route`` are the service, the operation and the route that it is for;
    - ``iat`` and ``exp`` are Unix seconds;
    - ``jti`` is the request id and ``sha256`` the :func:`digest` of the message, where it is
      about this one call. Both are empty where it is about a caller.
    """

    iss: str
    aud: str
    op: str
    iat: int
    exp: int
    sub: str = ""
    route: str = ""
    scopes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    address: str = ""
    jti: str = ""
    sha256: str = ""

    @property
    def caller(self) -> Caller:
        """The caller that it is about."""
        return Caller(
            id=self.sub,
            address=self.address,
            scopes=self.scopes,
            groups=self.groups,
            roles=self.roles,
        )


# What of a call is in headers instead of the body: all of it in the raw dialect.
_COVERED: Final = frozenset({"x-method", "x-path", "x-query", "x-replay"})
_PREFIXES: Final = ("x-param-", "x-header-")


def digest(message: Message) -> str:
    """Give the digest of what is asked: SHA-256 in base64url.

    Of the body, and after it of each header that holds a part of the call, in the order of their
    names: ``LENGTH:NAME LENGTH:VALUE,`` in bytes, so that no two calls read the same.
    """
    of = hashlib.sha256(message.body)
    headers = message.headers
    for name in sorted(name for name in headers if name in _COVERED or name.startswith(_PREFIXES)):
        key, value = name.encode(), str(headers[name]).encode()
        of.update(b"%d:%s %d:%s," % (len(key), key, len(value), value))
    return encode(of.digest())


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The header of the signature. What we do not know, such as ``crit``, is refused."""

    alg: str
    kid: str
    typ: str
