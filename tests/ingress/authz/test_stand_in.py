"""Who is meant by ``--as``."""

import base64
import json
from pathlib import Path

import pytest

from ingress import routefile
from ingress.auth.refusal import Refused
from ingress.authz.stand_in import StandIn

TEXT = """\
auth:
  keys: {key: {header: x-api-key}}
  sso: {jwt: {algorithms: [HS256], keys: {secrets: ["${S}"]}, any_audience: true}}
  mapped:
    jwt:
      algorithms: [HS256]
      keys: {secrets: ["${S}"]}
      any_audience: true
      claims: {roles: [realm.roles], consumer: azp}
consumers: {ann: {groups: [staff], scopes: [read], roles: [boss]}}
routes: [{route: GET /a, operation: s.o}]
"""
FILE = routefile.parse(TEXT.encode(), source="g", environment={"S": "s" * 64})
CLAIMS = {"sub": "eve", "scope": "read write", "realm": {"roles": ["r"]}, "azp": "ann"}


def written(folder: Path, text: str) -> StandIn:
    path = folder / "who"
    path.write_text(text)
    return StandIn(str(path), FILE)


def test_nobody_is_nobody_anywhere() -> None:
    """Whatever a route asks for."""
    assert StandIn("anonymous", FILE).on(["keys", "sso"]) is None


def test_a_consumer_is_who_the_file_says() -> None:
    """Where somebody asks; else nobody knows."""
    who = StandIn("ann", FILE)
    identity = who.on(["keys"])
    assert identity is not None
    assert (identity.consumer, identity.groups, identity.scopes, identity.roles) == (
        "ann", ("staff",), ("read",), ("boss",),
    )  # fmt: skip
    assert who.on([]) is None


@pytest.mark.parametrize("form", ["claims", "token"])
def test_a_token_is_read_as_the_route_reads_it(tmp_path: Path, form: str) -> None:
    """By the first authenticator that reads tokens, with its own words for claims; unchecked."""
    text = json.dumps(CLAIMS)
    if form == "token":
        payload = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
        text = f"e30.{payload}.c2ln\n"
    who = written(tmp_path, text)
    assert who.on(["keys"]) is None
    plain = who.on(["keys", "sso", "mapped"])
    assert plain is not None
    assert (plain.id, plain.scopes, plain.roles, plain.consumer) == (
        "eve", ("read", "write"), (), "",
    )  # fmt: skip
    joined = who.on(["mapped"])
    assert joined is not None
    assert (joined.roles, joined.consumer, joined.groups) == (("r", "boss"), "ann", ("staff",))


def test_a_token_that_would_be_refused_is(tmp_path: Path) -> None:
    """It names nobody, or a consumer whom nobody knows."""
    with pytest.raises(Refused):
        written(tmp_path, '{"scope": "x"}').on(["sso"])
    with pytest.raises(Refused, match="not known here"):
        written(tmp_path, '{"sub": "x", "azp": "bob"}').on(["mapped"])


@pytest.mark.parametrize("text", ["", "[]", "a.b.c", "{", "1", "[" * 100_000])
def test_a_file_that_says_nothing_of_a_caller_is_refused(tmp_path: Path, text: str) -> None:
    """With its name, and nothing of what it holds."""
    with pytest.raises(ValueError, match="holds neither claims"):
        written(tmp_path, text)


def test_who_is_not_there_is_told_who_is() -> None:
    """A slip in a name is seen."""
    with pytest.raises(LookupError, match="did you mean ann"):
        StandIn("anne", FILE)
