"""What a gateway states about a caller."""

import hashlib

import pytest
from msgspec.structs import replace

from contracts.brokers.port import Message
from contracts.call import Caller
from contracts.callers.keys import encode
from contracts.callers.statement import Statement, digest


def test_it_is_about_a_caller() -> None:
    """All that the gateway knows of who asks."""
    said = Statement(
        iss="queuegate",
        aud="orders",
        op="orders.get",
        iat=1,
        exp=2,
        sub="ann",
        scopes=("read",),
        groups=("staff",),
        roles=("admin",),
        address="192.0.2.7",
    )
    assert said.caller == Caller("ann", "192.0.2.7", ("read",), ("staff",), ("admin",))


ASKED = Message(
    body=b"body",
    headers={
        "x-operation": "s.o",
        "x-header-a": "1",
        "x-param-id": "7",
        "x-path": "/a/7",
        "x-attempt": 1,
    },
)


def test_the_digest_is_of_the_body_where_that_is_all() -> None:
    """As in our own dialect."""
    plain = Message(body=b"body", headers={"x-operation": "s.o", "x-deadline": 5})
    assert digest(plain) == encode(hashlib.sha256(b"body").digest())


@pytest.mark.parametrize(
    "change",
    [
        {"x-header-a": "2"},
        {"x-header-b": "1"},
        {"x-param-id": "8"},
        {"x-path": "/a/8"},
        {"x-query": "a"},
        {"x-method": "PUT"},
        {"x-replay": "r/1"},
        {"x-header-a": "1", "x-header-a 1:1,1:b": ""},
    ],
)
def test_the_digest_is_of_headers_that_hold_a_part_of_the_call(change: dict[str, str]) -> None:
    """As in the raw dialect, where the body is the client's alone."""
    other = replace(ASKED, headers={**ASKED.headers, **change})
    assert digest(other) != digest(ASKED)


@pytest.mark.parametrize("change", [{"x-attempt": 2}, {"x-deadline": 5}, {"x-caller": "t"}])
def test_the_digest_leaves_out_what_differs_from_try_to_try(change: dict[str, object]) -> None:
    """And does not depend on the order of the headers."""
    headers = {**change, **dict(reversed(list(ASKED.headers.items())))}
    headers |= change
    assert digest(replace(ASKED, headers=headers)) == digest(ASKED)
