"""Whether a body is the one that was meant: Content-Digest (RFC 9530)."""

import hashlib
from hmac import compare_digest
from typing import Final

from contracts.call import Call
from ingress.auth.refusal import Refused
from ingress.auth.signature import structured

FIELD: Final = "content-digest"

# The others of the registry are insecure (RFC 9530 section 5), or not known here.
_KNOWN: Final = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


def check(call: Call) -> None:
    """Hold the body against its digests: one must be known, and all that are must fit.

    Raises ``Refused``.
    """
    try:
        said = structured.byte_sequences(", ".join(_values(call)))
    except ValueError:
        raise Refused("the digest of the body is malformed") from None
    known = _KNOWN.keys() & said.keys()
    if not known:
        raise Refused("the digest of the body needs sha-256 or sha-512")
    if not all(compare_digest(_KNOWN[name](call.body).digest(), said[name]) for name in known):
        raise Refused("the body is not the one that was signed")


def _values(call: Call) -> list[str]:
    return [value for name, value in call.headers if name == FIELD]
