"""Whether a token is to be believed, with all that it takes: pure, and asked once a token."""

from collections.abc import Mapping
from typing import Any, Final

from ingress.auth.identity import Identity
from ingress.auth.jose import jws, strict_json
from ingress.auth.jose.keyset import KeySet
from ingress.auth.jwt.mapping import Mapped
from ingress.auth.jwt.rules import Rules
from ingress.auth.refusal import Refused

_SCHEME: Final = "jwt"


class Verifier:
    """``Verifier(("ES256",), rules, mapped).identify(token, keys, now)``."""

    def __init__(self, algorithms: tuple[str, ...], rules: Rules, mapped: Mapped) -> None:
        self.algorithms = algorithms
        self.leeway = rules.leeway
        self._rules = rules
        self.mapped = mapped

    def parse(self, text: str) -> jws.Token:
        """Take a token apart. Raises ``Refused``."""
        return jws.parse(text, self.algorithms)

    def identify(self, token: jws.Token, keys: KeySet, now: float) -> Identity:
        """Verify, and say who is calling. ``now`` in Unix seconds. Raises ``Refused``."""
        jws.verify(token, keys)
        claims = _claims(token.payload)
        expires = self._rules.check(token.header, claims, now)
        return self.mapped.identity(claims, _SCHEME, expires)


def _claims(payload: bytes) -> Mapping[str, Any]:
    try:
        return strict_json.read_object(payload)
    except ValueError:
        raise Refused("the claims of the token are malformed") from None
