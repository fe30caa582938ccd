"""Tells callers by the signatures of their requests."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from contracts.call import Call
from ingress.auth.credentials import Credentials
from ingress.auth.identity import Identity
from ingress.auth.jose.algorithms import Algorithm
from ingress.auth.jose.key import Key
from ingress.auth.membership import Membership
from ingress.auth.port import Request
from ingress.auth.refusal import Refused
from ingress.auth.signature import base, digest, structured
from ingress.auth.signature.demands import Demands, covered_by
from ingress.auth.signature.replays import Replays
from ingress.auth.signature.structured import InnerList

INPUT, SIGNATURE = "signature-input", "signature"

# Signatures of a request that are looked at; each may cost a verification.
_MOST: Final = 4
_MALFORMED: Final = "the signature is malformed"


class Signer(msgspec.Struct, frozen=True):
    """Whose key it is and what it is used with. ``name`` is that of RFC 9421 section 3.3.

    ``consumer`` is empty for somebody who is known by the key's name alone.
    """

    key: Key
    algorithm: Algorithm
    name: str
    consumer: str = ""


class SignatureAuthenticator:
    """Takes the first signature of a known key that covers what it must."""

    credentials = Credentials(headers=frozenset({INPUT, SIGNATURE}))

    def __init__(  # noqa: PLR0913 - each is a part of its own, made by `build`
        self,
        name: str,
        *,
        signers: Mapping[str, Signer],
        demands: Demands,
        replays: Replays,
        membership: Membership,
        realm: str,
        forward: bool,
        told: Mapping[str, Any],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.forward = forward
        self._signers = signers
        self._demands = demands
        self._replays = replays
        self._membership = membership
        self._realm = realm
        self._told = told
        self._now = now

    def authenticate(self, request: Request) -> Any:  # noqa: ANN401 - as the port says
        """Say who signed; what is waited for is the store, which knows what came before."""
        call = request.call
        said = _values(call, INPUT), _values(call, SIGNATURE)
        if not any(said):
            return None
        try:
            inputs, signatures = structured.lists(said[0]), structured.byte_sequences(said[1])
        except ValueError:
            raise Refused(_MALFORMED) from None
        if len(inputs) > _MOST:
            raise Refused("there are too many signatures")
        return self._first(call, "https" if request.secure else "http", inputs, signatures)

    async def _first(
        self,
        call: Call,
        scheme: str,
        inputs: Mapping[str, InnerList],
        signatures: Mapping[str, bytes],
    ) -> Identity:
        refused = Refused("no signature is of a key that is known here")
        for label, said in inputs.items():
            signer = self._signers.get(str(said.parameters.get("keyid", "")))
            if signer is None or label not in signatures:
                continue
            try:
                signed = self._verify(call, scheme, said, signatures[label], signer)
                await self._replays.check(signer.key.kid, signed, self._demands.lasting)
                return self._identity(signer)
            except Refused as why:
                refused = why
        raise refused

    def _verify(
        self, call: Call, scheme: str, said: InnerList, signature: bytes, signer: Signer
    ) -> bytes:
        """Give what was signed. The body, which may be large, is looked at last."""
        if said.parameters.get("alg", signer.name) != signer.name:
            raise Refused("the algorithm is not the one of the key")
        self._demands.check(call, said, self._now())
        signed = base.write(call, scheme, said)
        if not signer.algorithm.verify(signer.key.material, signed, signature):
            raise Refused("the signature is wrong")
        if digest.FIELD in covered_by(said):
            digest.check(call)
        return signed

    def _identity(self, signer: Signer) -> Identity:
        identity = Identity(id=signer.consumer or signer.key.kid, scheme="signature")
        if not signer.consumer:
            return identity
        return self._membership.join(identity, signer.consumer, scopes=True)

    def challenge(self, refused: Refused | None) -> str:
        """Say what to sign. The scheme is not a registered one: RFC 9421 has none."""
        components = " ".join(self._demands.components)
        error = f', error_description="{refused.reason}"' if refused else ""
        return f'Signature realm="{self._realm}", components="{components}"{error}'

    def settings(self) -> Mapping[str, Any]:
        return self._told

    async def close(self) -> None:
        """Nothing is held."""

    def __repr__(self) -> str:
        return f"<SignatureAuthenticator {self.name} of {len(self._signers)} keys>"


def _values(call: Call, name: str) -> str:
    return ", ".join(value for known, value in call.headers if known == name)
