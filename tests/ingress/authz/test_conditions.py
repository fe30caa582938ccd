"""What a rule asks, one condition a key."""

from typing import Any

import pytest

from contracts.call import Caller
from ingress.auth.identity import Identity
from ingress.authz.conditions import Condition, conditions
from ingress.authz.sections import RuleSection
from tests.ingress.authz.people import ANN, call, who


def asked(**rule: Any) -> Condition:
    (one,) = conditions(RuleSection.model_validate(rule))
    return one


@pytest.mark.parametrize(
    "rule",
    [
        {"scopes": ["orders.read"]},
        {"any_scope": ["orders.admin", "orders.write"]},
        {"roles": ["boss", "clerk"]},
        {"groups": ["staff"]},
        {"consumers": ["acme", "other"]},
        {"claims": {"tenant": "acme"}},
        {"claims": {"tenant": ["other", "acme"]}},
        {"claims": {"aud": "stock"}},
        {"claims": {"aud": ["nobody", "stock"]}},
        {"claims": {"email_verified": True}},
        {"claims": {"level": [1, 2, 3]}},
        {"ip": ["10.0.0.0/8"]},
        {"when": "caller.id == 'ann'"},
    ],
)
def test_who_is_as_asked_meets_it(rule: dict[str, Any]) -> None:
    """Of a list one is enough, but of scopes under `scopes`."""
    assert asked(**rule).met(ANN, call())


@pytest.mark.parametrize(
    "rule",
    [
        {"scopes": ["orders.rea"]},
        {"scopes": ["orders"]},
        {"any_scope": ["orders.admin"]},
        {"roles": ["staff"]},
        {"groups": ["clerk"]},
        {"consumers": ["ann"]},
        {"claims": {"tenant": "ACME"}},
        {"claims": {"nothing": "acme"}},
        {"claims": {"aud": "shop,stock"}},
        {"claims": {"email_verified": 1}},
        {"claims": {"email_verified": "true"}},
        {"claims": {"level": True}},
        {"claims": {"level": "3"}},
        {"claims": {"address": "DE"}},
        {"ip": ["11.0.0.0/8"]},
    ],
)
@pytest.mark.parametrize("identity", [ANN, None], ids=["ann", "nobody"])
def test_who_is_not_does_not(rule: dict[str, Any], identity: Identity | None) -> None:
    """Texts, numbers and truths are different things, and nobody has nothing."""
    assert not asked(**rule).met(identity, call())


def test_a_claim_that_is_false_is_not_one_that_is_missing() -> None:
    """And neither is null."""
    one = asked(claims={"blocked": False})
    assert one.met(who(claims={"blocked": False}), call())
    shown: list[dict[str, Any]] = [{}, {"blocked": None}, {"blocked": 0}, {"blocked": []}]
    for claims in shown:
        assert not one.met(who(claims=claims), call())


def test_a_client_without_an_address_is_in_no_network() -> None:
    """As over a Unix socket."""
    one = asked(ip=["0.0.0.0/0", "::/0"])
    assert one.met(None, call())
    assert not one.met(None, call(caller=Caller()))


def test_each_says_what_it_asks_and_what_is_missing() -> None:
    """The caller hears what is his to know: never what a claim would have to be, or from where."""
    rule = RuleSection.model_validate(
        {
            "scopes": ["a", "b"],
            "any_scope": ["c", "d"],
            "roles": ["x", "y", "z"],
            "groups": ["g"],
            "consumers": ["acme"],
            "claims": {"tenant": "secret-tenant", "ok": True},
            "ip": ["10.0.0.0/8"],
            "when": "claims.level > 3",
        }
    )
    told = {one.words: one.lacking for one in conditions(rule)}
    assert told == {
        "an address in 10.0.0.0/8": "this address may not call it",
        "the scope a": "the scope a is missing",
        "the scope b": "the scope b is missing",
        "the scope c or d": "the scope c or d is missing",
        "the role x, y or z": "the role x, y or z is missing",
        "the group g": "the group g is missing",
        "the consumer acme": "this consumer may not call it",
        "the claim tenant is secret-tenant": "the claim tenant is not what it has to be",
        "the claim ok is true": "the claim ok is not what it has to be",
        "when claims.level > 3": "a condition of this route is not met",
    }
