"""Who may call which route, without a request."""

from ingress import routefile
from ingress.authz.outlook import Outlook, outlook
from ingress.authz.stand_in import StandIn
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
    who = StandIn(words, FILE)
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
    assert outlook(FILE, 2, "GET /staff", StandIn("anonymous", FILE), None) == Outlook(
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
    who = StandIn("ann", file)
    found = [outlook(file, index, name, who, None) for index, name in enumerate(NAMES)]
    assert [one.may for one in found] == ["yes", "no", "yes", "depends", "no"]
    assert found[1].why == ("the caller's usage plan does not cover this route",)


def test_a_consumer_that_is_disabled_may_nothing_that_asks_who_it_is() -> None:
    """As its keys would be refused."""
    file = routefile.parse(
        TEXT.replace("roles: [boss]", "disabled: true").encode(), source="g", environment={}
    )
    who = StandIn("ann", file)
    found = [outlook(file, index, name, who, None) for index, name in enumerate(NAMES)]
    assert [one.status for one in found] == [0, 401, 401, 0, 401]
    assert found[1].why == ("the consumer is disabled",)
