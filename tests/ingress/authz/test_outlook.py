"""Who may call which route, without a request."""

import base64
import json
from pathlib import Path

import pytest

from ingress import routefile
from ingress.authz.outlook import Outlook, caller, outlook
from ingress.compile import compile_plans

TEXT = """\
auth: {keys: {key: {header: x-api-key}}}
consumers: {ann: {groups: [staff], scopes: [read], roles: [boss]}}
defaults: {auth: keys}
routes:
  - {route: GET /open, operation: s.o, auth: off}
  - {route: GET /known, operation: s.o}
  - {route: GET /staff, operation: s.o, allow: {groups: [staff]}}
  - {route: GET /net, operation: s.o, auth: off, allow: {ip: [10.0.0.0/8]}}
  - {route: GET /when, operation: s.o, allow: {when: "request.method == 'GET'"}}
"""
FILE = routefile.parse(TEXT.encode(), source="g", environment={})
NAMES = [plan.name for plan in compile_plans(FILE)]


def told(words: str, address: str | None = None) -> list[str]:
    who = caller(words, FILE)
    found = [outlook(FILE, index, name, who, address) for index, name in enumerate(NAMES)]
    return [f"{one.may} {one.status}".removesuffix(" 0") for one in found]


def test_a_consumer_may_what_its_groups_may() -> None:
    """And what depends on the request is said to."""
    assert told("ann") == ["yes", "yes", "yes", "depends", "depends"]
    assert told("ann", "10.0.0.1") == ["yes", "yes", "yes", "yes", "depends"]


def test_nobody_may_what_asks_for_nobody() -> None:
    """401 where a credential is missing, 403 where it would not help."""
    assert told("anonymous", "192.0.2.1") == ["yes", "no 401", "no 401", "no 403", "no 401"]


def test_each_says_why_and_where_the_rule_stands() -> None:
    """With the rules in words."""
    assert outlook(FILE, 2, "GET /staff", None, None) == Outlook(
        route="GET /staff",
        may="no",
        status=401,
        why=("a credential of keys is missing",),
        rules=("the group staff",),
        line=7,
    )


def test_a_usage_plan_covers_routes_or_does_not() -> None:
    """As the gateway holds it before any rule."""
    text = (
        TEXT.replace("roles: [boss]", "plan: few") + "usage_plans: {few: {routes: [GET /staff]}}\n"
    )
    file = routefile.parse(text.encode(), source="g", environment={})
    who = caller("ann", file)
    found = [outlook(file, index, name, who, None) for index, name in enumerate(NAMES)]
    assert [one.may for one in found] == ["yes", "no", "yes", "depends", "no"]
    assert found[1].why == ("the caller's usage plan does not cover this route",)


CLAIMS = {"sub": "eve", "scope": "read write", "groups": ["staff"], "tenant": "acme"}


@pytest.mark.parametrize("form", ["claims", "token"])
def test_a_file_has_claims_or_a_token(tmp_path: Path, form: str) -> None:
    """The token is read and not checked: it is about what it would be let do."""
    text = json.dumps(CLAIMS)
    if form == "token":
        payload = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
        text = f"e30.{payload}.c2ln\n"
    path = tmp_path / "who"
    path.write_text(text)
    who = caller(str(path), FILE)
    assert who is not None
    assert (who.id, who.scopes, who.groups) == ("eve", ("read", "write"), ("staff",))
    assert who.claims == CLAIMS
    assert told(str(path))[2] == "yes"


@pytest.mark.parametrize("text", ["", "[]", "a.b.c", "{", '{"scope": "x"}', "[" * 100_000])
def test_a_file_that_says_nothing_of_a_caller_is_refused(tmp_path: Path, text: str) -> None:
    """With its name, and nothing of what it holds."""
    path = tmp_path / "who"
    path.write_text(text)
    with pytest.raises(ValueError, match="who"):
        caller(str(path), FILE)


def test_who_is_not_there_is_told_who_is() -> None:
    """A slip in a name is seen."""
    with pytest.raises(LookupError, match="did you mean ann"):
        caller("anne", FILE)
