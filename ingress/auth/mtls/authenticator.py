"""Tells callers by their certificates, which the handshake of TLS has verified (RFC 8446)."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ingress.auth.credentials import Credentials
from ingress.auth.identity import Identity
from ingress.auth.membership import Membership
from ingress.auth.port import Request
from ingress.auth.refusal import Refused
from ingress.guard.certificate import Certificate

_SCHEME: Final = "mtls"


def _alternative(kind: str) -> Callable[[Certificate], Sequence[str]]:
    """Make what gives the alternative names of a kind (RFC 5280 section 4.2.1.6)."""
    prefix = f"{kind}:"
    return lambda one: [name.removeprefix(prefix) for name in one.sans if name.startswith(prefix)]


NAMES: Final[Mapping[str, Callable[[Certificate], Sequence[str]]]] = {
    "common_name": lambda one: [one.common_name] if one.common_name else [],
    "subject": lambda one: [one.subject] if one.subject else [],
    "dns": _alternative("DNS"),
    "uri": _alternative("URI"),
    "email": _alternative("EMAIL"),
    "ip": _alternative("IP"),
    "fingerprint": lambda one: [one.fingerprint] if one.fingerprint else [],
}
"""Where in a certificate the caller's name is; there may be several alternative ones."""


class MtlsAuthenticator:
    """Takes the first name of a certificate that is a consumer's, or else fits a pattern."""

    credentials = Credentials()
    forward = False

    def __init__(  # noqa: PLR0913 - each is a part of its own, made by `build`
        self,
        name: str,
        *,
        names: Callable[[Certificate], Sequence[str]],
        accepted: Sequence[str],
        issuers: Sequence[str],
        consumers: Mapping[str, str],
        membership: Membership,
        realm: str,
        told: Mapping[str, Any],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._names = names
        self._accepted = [_compiled(pattern) for pattern in accepted]
        self._issuers = frozenset(issuers)
        self._consumers = consumers
        self._membership = membership
        self._realm = realm
        self._told = told
        self._now = now

    def authenticate(self, request: Request) -> Identity | None:
        """Say whose certificate it is; without one another authenticator is asked."""
        certificate = request.certificate
        if certificate is None:
            return None
        # The handshake was a while ago, perhaps: a connection may outlive its certificate.
        if certificate.expires and certificate.expires <= self._now():
            raise Refused("the certificate has expired")
        if self._issuers and certificate.issuer not in self._issuers:
            raise Refused("the certificate is of an issuer that is not accepted here")
        return self._identity(certificate)

    def _identity(self, certificate: Certificate) -> Identity:
        names = [name for name in self._names(certificate) if name.isprintable()]
        for name in names:
            if name in self._consumers:
                consumer = self._consumers[name]
                return self._membership.join(_named(consumer, certificate), consumer, scopes=True)
        for name in names:
            if any(pattern.fullmatch(name) for pattern in self._accepted):
                return _named(name, certificate)
        raise Refused("the certificate names nobody who is known here")

    def challenge(self, refused: Refused | None) -> str:
        """Say that a certificate is wanted. There is no registered scheme for it."""
        error = f', error_description="{refused.reason}"' if refused else ""
        return f'ClientCertificate realm="{self._realm}"{error}'

    def settings(self) -> Mapping[str, Any]:
        return self._told

    async def close(self) -> None:
        """Nothing is held."""

    def __repr__(self) -> str:
        return f"<MtlsAuthenticator {self.name}>"


def _compiled(pattern: str) -> re.Pattern[str]:
    """Read a pattern whose ``*`` stands for any characters but a dot, a slash, a comma or an at.

    So ``*.example.com`` takes one label and ``spiffe://shop/*`` one step, as people expect.
    """
    return re.compile("[^./,@]+".join(map(re.escape, pattern.split("*"))))


def _named(name: str, certificate: Certificate) -> Identity:
    return Identity(
        id=name,
        scheme=_SCHEME,
        claims={
            "subject": certificate.subject,
            "issuer": certificate.issuer,
            "sans": list(certificate.sans),
            "serial": certificate.serial,
            "fingerprint": certificate.fingerprint,
        },
        expires=certificate.expires,
    )
