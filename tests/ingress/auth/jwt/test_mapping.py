from typing import Any

import pytest

from ingress.auth.identity import Identity
from ingress.auth.jwt.mapping import Mapped, find
from ingress.auth.refusal import Refused


def identity(claims: dict[str, Any], **names: Any) -> Identity:
    return Mapped(**names).identity(claims, "jwt", 5.0)


def test_the_usual_claims_say_who_is_calling() -> None:
    """Subject, scopes, roles and groups are where everybody puts them."""
    claims = {"sub": "ann", "scope": "read write", "roles": ["admin"], "groups": ["staff", "all"]}
    assert identity(claims) == Identity(
        id="ann",
        scheme="jwt",
        scopes=("read", "write"),
        roles=("admin",),
        groups=("staff", "all"),
        claims=claims,
        expires=5.0,
    )


def test_the_first_claim_that_is_there_counts() -> None:
    """Of several names the first that the token has is taken."""
    assert identity({"sub": "ann", "scp": ["read"]}).scopes == ("read",)
    assert identity({"sub": "ann", "scp": "a b"}).scopes == ("a", "b")
    assert identity({"client_id": "app"}, subject=("sub", "client_id")).id == "app"


def test_a_claim_may_be_inside_of_others() -> None:
    """A way with dots leads into objects; a claim that has dots in its name comes first."""
    claims = {"sub": "ann", "realm_access": {"roles": ["admin"]}, "https://a.example/r": ["x"]}
    assert identity(claims, roles=("realm_access.roles",)).roles == ("admin",)
    assert identity(claims, roles=("https://a.example/r",)).roles == ("x",)
    assert find(claims, "realm_access.roles.deeper") is None
    assert find(claims, "sub.x") is None
    assert find({"a.b": 1, "a": {"b": 2}}, "a.b") == 1


@pytest.mark.parametrize(
    "subject", [None, "", 5, True, ["ann"], {}, "a\nb", "a\r\nx: y", "a\0", "\x1b[31m", "a" * 256]
)
def test_a_subject_is_a_short_printable_text(subject: object) -> None:
    """Nobody, numbers, and what could break a log line or a header, are refused."""
    with pytest.raises(Refused):
        identity({"sub": subject})


@pytest.mark.parametrize("names", [5, True, {"a": 1}, [1], [None], [""], ["a\nb"], ["a"] * 1001])
@pytest.mark.parametrize("claim", ["scope", "roles", "groups"])
def test_lists_of_names_hold_names(claim: str, names: object) -> None:
    """What is no list of names is refused, not read as an empty one."""
    with pytest.raises(Refused, match="list of names"):
        identity({"sub": "ann", claim: names})


def test_a_claim_may_name_a_consumer() -> None:
    """The consumer is a name like others, and a token without it names none."""
    mapped = Mapped(consumer="app.id")
    assert mapped.consumer_of({"app": {"id": "shop"}}) == "shop"
    for claims in ({}, {"app": {"id": 5}}, {"app": {"id": ""}}, {"app": "shop"}):
        with pytest.raises(Refused, match="names no consumer"):
            mapped.consumer_of(claims)
