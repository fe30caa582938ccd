"""Requests as an authenticator sees them, and a directory of consumers."""

from typing import Any

import msgspec

from contracts.call import Call
from ingress.guard.certificate import Certificate


class Consumer(msgspec.Struct, frozen=True):
    """What is known of a consumer."""

    groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    plan: str = ""
    disabled: bool = False


class Directory:
    """Knows those that a test names."""

    def __init__(self, **consumers: Consumer) -> None:
        self.generation = 0
        self.consumers = consumers

    def consumer(self, name: str) -> Consumer | None:
        return self.consumers.get(name)


class Request:
    """A request with these header fields."""

    def __init__(
        self,
        *fields: tuple[str, str],
        certificate: Certificate | None = None,
        secure: bool = False,
        **call: Any,
    ) -> None:
        self.call = Call(id="1", operation="orders.get", headers=fields, **call)
        self.certificate = certificate
        self.secure = secure
        self.notes: dict[str, Any] = {}


def bearer(token: str) -> Request:
    """Make a request with a bearer token."""
    return Request(("host", "a.example"), ("authorization", f"Bearer {token}"))
