"""The mark of a replayed call, and who may set it.

A worker that sees ``ctx.replay`` may leave the parcel unsent, so a stranger must not be able to
say that a call is a replay; and an operator's replay must never be taken for the real thing
because a key is missing. So the mark is signed, and an edge refuses every request whose mark it
cannot verify, also when it has no key at all.

The header reads ``RUN/ORIGINAL;t=UNIX_MS;s=HEX``: keyed BLAKE2b (RFC 7693, which costs a fraction
of HMAC-SHA256) over the mark, the time and the request itself, so that one which leaks marks that
very call again and no other, for five minutes.
"""

import hmac
import re
from hashlib import blake2b
from typing import Final

import msgspec

from contracts import deadline
from contracts.call import Call
from contracts.fault import Fault

HEADER: Final = "queuegate-replay"
MIN_KEY: Final = 16
"""Characters that a key has at least."""

# How far the clocks of the operator's machine and of the gateway may be apart, with the time that a
# call waits for its place: milliseconds.
_WINDOW: Final = 5 * 60 * 1000
_DIGEST: Final = 32
_FORM: Final = re.compile(r"([A-Za-z0-9._-]{1,64}/[^;\s]{1,128});t=([0-9]{1,15});s=([0-9a-f]{64})")


class Marks:
    """Signs marks and verifies them; without a key it does neither.

    Raises ``ValueError`` for a key that is too short to be one. Its ``repr`` does not show the key.
    """

    def __init__(self, key: str = "") -> None:
        if key and len(key) < MIN_KEY:
            raise ValueError(f"a replay key has at least {MIN_KEY} characters")
        self._secret = blake2b(key.encode(), digest_size=_DIGEST).digest() if key else b""

    def __bool__(self) -> bool:
        return bool(self._secret)

    def __repr__(self) -> str:
        return f"<Marks {'signed' if self._secret else 'without a key'}>"

    def sign(self, call: Call) -> str:
        """Give the header's value for a call whose ``replay`` is set; empty without a key."""
        if not self._secret:
            return ""
        moment = str(deadline.now_ms())
        return f"{call.replay};t={moment};s={self._signature(call.replay, moment, call)}"

    def believe(self, call: Call) -> Call:
        """Give the call that the header says is a replay, marked as one and without the header.

        Raises Fault ``forbidden`` for a mark that cannot be verified.
        """
        if not self._secret:
            raise Fault("forbidden", "this gateway takes no replays: it has no replay key")
        found = _FORM.fullmatch(call.header(HEADER))
        if found is None:
            raise Fault("forbidden", "the replay mark is not signed")
        replay, moment, signature = found.groups()
        if not hmac.compare_digest(signature, self._signature(replay, moment, call)):
            raise Fault("forbidden", "the replay mark was signed with another key, or for another")
        if abs(deadline.now_ms() - int(moment)) > _WINDOW:
            raise Fault("forbidden", "the replay mark is too old, or the clocks differ")
        headers = tuple(pair for pair in call.headers if pair[0] != HEADER)
        return msgspec.structs.replace(call, replay=replay, headers=headers)

    def _signature(self, replay: str, moment: str, call: Call) -> str:
        head = f"{replay}\n{moment}\n{call.method}\n{call.path}\n{call.query}\n"
        return blake2b(
            head.encode(errors="replace") + call.body, key=self._secret, digest_size=_DIGEST
        ).hexdigest()
