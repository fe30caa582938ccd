"""Who is meant by ``--as``: what the authenticators of a route would make of him."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ingress.auth.identity import Identity
from ingress.auth.jose.base64url import decode
from ingress.auth.jwt.build import mapped
from ingress.auth.jwt.sections import ClaimsSection
from ingress.auth.membership import Membership
from ingress.consumers import declared
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Directory
from ingress.problems import did_you_mean
from ingress.routefile import RouteFile

ANONYMOUS: Final = "anonymous"

_MOST_BYTES: Final = 1_000_000
_PARTS: Final = 3


class StandIn:
    """``anonymous``, a consumer of the file, or a file with a token or with its claims.

    A token is read and not checked. Raises ``LookupError`` for who is not there, and ``ValueError``
    for a file that says nothing of a caller.
    """

    def __init__(self, words: str, route_file: RouteFile) -> None:
        digests = Digests()
        consumers, plans = route_file.consumers or {}, route_file.usage_plans or {}
        directory = Directory(digests)
        directory.declare(declared.known(consumers, plans, digests), digests)
        self._membership = Membership(directory)
        self._auth = route_file.auth or {}
        self._consumer = words if words in consumers else ""
        self._claims: Mapping[str, Any] | None = None
        path = Path(words)
        if words == ANONYMOUS or self._consumer:
            return
        if not path.is_file():
            hint = did_you_mean(words, [ANONYMOUS, *consumers])
            known_are = hint or "write anonymous, a consumer of the file, or a file with claims"
            raise LookupError(f"there is no consumer and no file {words!r} ({known_are})")
        self._claims = _claims(path)

    def on(self, ways: Sequence[str]) -> Identity | None:
        """Say who he is to the first of these authenticators that reads what he can show.

        ``None`` is nobody. Raises ``Refused`` as they would.
        """
        if self._consumer and ways:
            bare = Identity(id=self._consumer, scheme="key")
            return self._membership.join(bare, self._consumer, scopes=True)
        if self._claims is None:
            return None
        for way in ways:
            ((kind, section),) = self._auth[way].kinds.items()
            said = getattr(section, "claims", None)
            if isinstance(said, ClaimsSection):
                return self._by_token(kind, said, self._claims)
        return None

    def _by_token(self, kind: str, said: ClaimsSection, claims: Mapping[str, Any]) -> Identity:
        reading = mapped(said)
        identity = reading.identity(claims, kind, 0.0)
        if not reading.consumer:
            return identity
        return self._membership.join(identity, reading.consumer_of(claims))


def _claims(path: Path) -> Mapping[str, Any]:
    """Read claims: a JSON object, or a token whose middle part is one."""
    with path.open(encoding="utf-8") as file:
        text = file.read(_MOST_BYTES).strip()
    parts = text.split(".")
    try:
        if len(parts) == _PARTS and not text.startswith("{"):
            text = decode(parts[1]).decode()
        claims = json.loads(text)
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise ValueError(f"{path} holds neither claims (a JSON object) nor a token")  # noqa: TRY004 - of a file
    return claims
