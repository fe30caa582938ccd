"""Callers and calls for tests of rules."""

from typing import Any, Final

from contracts.call import Call, Caller
from ingress.auth.identity import Identity


def who(**known: Any) -> Identity:
    """A caller by a token."""
    return Identity(id="ann", scheme="jwt", **known)


def call(**parts: Any) -> Call:
    """A call from an address in a private network."""
    given = {"caller": Caller(address="10.1.2.3"), **parts}
    return Call(id="r", operation="s.o", **given)


ANN: Final = who(
    scopes=("orders.read", "orders.write"),
    roles=("clerk",),
    groups=("staff",),
    consumer="acme",
    plan="gold",
    claims={
        "tenant": "acme",
        "email_verified": True,
        "level": 3,
        "aud": ["shop", "stock"],
        "address": {"country": "DE"},
    },
)
