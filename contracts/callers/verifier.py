"""The worker's half: it believes what a gateway signed, and nothing else."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from contracts.brokers.port import Message
from contracts.call import Call
from contracts.callers.keys import Key, decode
from contracts.callers.statement import HEADER, ISSUER, TYPE, Head, Statement, digest

# Seconds that the clocks of gateway and worker may differ.
LEEWAY: Final = 5.0

# Characters of a token; ours have some hundred.
_LONGEST: Final = 16_384
# Tokens that were checked and are kept, for callers that call again.
_MOST: Final = 4096
_PARTS: Final = 3

_HEAD: Final = msgspec.json.Decoder(Head)
_STATEMENT: Final = msgspec.json.Decoder(Statement)


class Unverified(ValueError):
    """A call does not prove who makes it; the sentence says why, and repeats nothing of it."""


class Verifier:
    """Checks statements: ``statement = verifier.verify(call, message)``.

    ``keys`` are all that are believed, so that one can take another's place. ``leeway`` is in
    seconds.
    """

    def __init__(
        self,
        keys: Sequence[Key],
        *,
        leeway: float = LEEWAY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not keys:
            raise ValueError("without a key nothing could be believed")
        self._keys = {key.id: key for key in keys}
        self._leeway = leeway
        self._clock = clock
        # Those about callers: they come again, and an Ed25519 check takes a tenth of a millisecond.
        self._checked: dict[str, Statement] = {}

    def __repr__(self) -> str:
        return f"<Verifier {', '.join(map(repr, self._keys.values()))}>"

    def verify(self, call: Call, message: Message) -> Statement:
        """Give what is stated about the caller of ``call``, which came as ``message``.

        Raises ``Unverified``.
        """
        token = message.headers.get(HEADER)
        if type(token) is not str:
            raise Unverified("the call does not say who makes it")
        said = self._checked.get(token) or self._read(token)
        self._hold(said, call)
        about_one = said.jti or said.sha256
        if about_one and (said.jti != call.id or said.sha256 != digest(message)):
            raise Unverified("the statement is about another call")
        return said

    def _read(self, token: str) -> Statement:
        parts = token.split(".") if len(token) <= _LONGEST else []
        if len(parts) != _PARTS:
            raise Unverified("the statement is no signed token")
        try:
            head = _HEAD.decode(decode(parts[0]))
            signature = decode(parts[2])
            payload = decode(parts[1])
        except (ValueError, RecursionError):
            raise Unverified("the statement is no signed token") from None
        key = self._keys.get(head.kid)
        if key is None:
            raise Unverified("the statement is signed with a key that is not known here")
        signed = token.rpartition(".")[0].encode()
        if head.typ != TYPE or head.alg != key.algorithm or not key.verify(signed, signature):
            raise Unverified("the statement's signature is wrong")
        try:
            said = _STATEMENT.decode(payload)
        except (ValueError, RecursionError):
            raise Unverified("the statement has not the fields that it should have") from None
        if not (said.jti or said.sha256):
            if len(self._checked) >= _MOST:
                self._checked.clear()
            self._checked[token] = said
        return said

    def _hold(self, said: Statement, call: Call) -> None:
        """Hold it against the call that it came with."""
        now = self._clock()
        if said.exp + self._leeway < now or said.iat - self._leeway > now:
            raise Unverified("the statement is over, or the clocks differ")
        about = said.iss, said.aud, said.op, said.route
        if about != (ISSUER, call.service, call.operation, call.route):
            raise Unverified("the statement is about another operation or route")
