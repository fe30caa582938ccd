"""Tell browsers to do less with an answer: the OWASP secure headers, as they fit an API.

An answer of an API is read by programs. Should a browser come to show it as a page, nothing in it
is to run, to be framed, or to be taken for another type than it is written. What the worker says
itself stays: who serves a page knows best what it needs.
"""

from collections.abc import Mapping
from typing import Any, Final

from contracts.call import Reply
from ingress.fields import Pairs
from ingress.policies.port import Request, Slot

_NAMES: Final = {
    "content_security_policy": "content-security-policy",
    "content_type_options": "x-content-type-options",
    "frame_options": "x-frame-options",
    "referrer_policy": "referrer-policy",
    "resource_policy": "cross-origin-resource-policy",
    "permissions_policy": "permissions-policy",
}


class SecurityHeaders:
    """Adds fixed fields to whatever is answered."""

    name = "security_headers"
    slot = Slot.EDGE

    def __init__(
        self, fields: Mapping[str, str], *, hsts: float = 0.0, subdomains: bool = False
    ) -> None:
        self._said = dict(fields)
        self._pairs: Pairs = tuple((_NAMES[key], value) for key, value in fields.items() if value)
        self._secure = self._pairs
        if hsts:
            # RFC 6797 section 6.1.
            value = f"max-age={int(hsts)}" + ("; includeSubDomains" if subdomains else "")
            self._secure += (("strict-transport-security", value),)
        self._names = frozenset(name for name, _ in self._secure)
        self._hsts = {"hsts": hsts, "hsts_subdomains": subdomains}

    def admit(self, flow: Request) -> Reply | None: ...

    def early(self, flow: Request, fields: Pairs) -> None:  # noqa: ARG002 - the port
        """Add them to an answer that no worker had a part in."""
        flow.headers += self._of(flow)

    def settle(self, flow: Request) -> None:
        said = flow.reply.headers if flow.reply else ()
        names = {name.lower() for name, _ in said}
        if self._names.isdisjoint(names):
            flow.headers += self._of(flow)
        else:
            flow.headers += [pair for pair in self._of(flow) if pair[0] not in names]

    def _of(self, flow: Request) -> Pairs:
        # Section 7.2: never on a connection without TLS.
        return self._secure if flow.secure else self._pairs

    def settings(self) -> Mapping[str, Any]:
        return {**self._said, **self._hsts}

    def __repr__(self) -> str:
        return f"<SecurityHeaders {', '.join(self._names)}>"


def build(asked: Mapping[str, Any]) -> SecurityHeaders | None:
    """Build it for a route that has ``security_headers``."""
    settings = asked.get("security_headers", "off")
    if settings == "off":
        return None
    fields = {name: settings[name] for name in _NAMES}
    return SecurityHeaders(fields, hsts=settings["hsts"], subdomains=settings["hsts_subdomains"])
