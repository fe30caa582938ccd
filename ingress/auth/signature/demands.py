"""What a signature must cover, and how old it may be (RFC 9421 section 3.2.1)."""

import msgspec

from contracts.call import Call
from ingress.auth.refusal import Refused
from ingress.auth.signature import digest
from ingress.auth.signature.structured import InnerList

_LONGEST_NONCE = 256


class Demands(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of each signature.

    ``components`` are written as in the field, without parameters: ``@method``, ``date``.
    ``digest`` says that a body must be covered. A signature is good for ``max_age`` seconds after
    its creation, ``leeway`` is what clocks may differ. ``tag`` is the one that it must have.
    """

    components: tuple[str, ...]
    digest: bool = True
    max_age: float = 300.0
    leeway: float = 5.0
    nonce: bool = False
    tag: str = ""

    @property
    def lasting(self) -> float:
        """How many seconds after it came a signature could still be good."""
        return self.max_age + 2 * self.leeway

    def check(self, call: Call, said: InnerList, now: float) -> None:
        """Raises ``Refused`` for what is missing, too old, or not yet."""
        covered = covered_by(said)
        for name in self.components:
            if name not in covered:
                raise Refused(f"the signature does not cover {name}")
        if self.digest and call.body and digest.FIELD not in covered:
            raise Refused("the signature does not cover content-digest")
        self._check_times(said, now)
        self._check_words(said)

    def _check_times(self, said: InnerList, now: float) -> None:
        created, expires = said.parameters.get("created"), said.parameters.get("expires")
        if not _is_moment(created) or not (expires is None or _is_moment(expires)):
            raise Refused("the signature does not say when it was created")
        if float(created or 0) > now + self.leeway:
            raise Refused("the signature was created in the future")
        if float(created or 0) + self.max_age + self.leeway <= now:
            raise Refused("the signature is too old")
        if expires is not None and float(expires) + self.leeway <= now:
            raise Refused("the signature has expired")

    def _check_words(self, said: InnerList) -> None:
        nonce = said.parameters.get("nonce")
        if self.nonce and (not isinstance(nonce, str) or not 0 < len(nonce) <= _LONGEST_NONCE):
            raise Refused("the signature has no nonce")
        if self.tag and said.parameters.get("tag") != self.tag:
            raise Refused("the signature has another tag")


def covered_by(said: InnerList) -> frozenset[str]:
    """Give the components that are covered as they are, whole."""
    return frozenset(member.value for member in said.members if not member.parameters)


def _is_moment(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
