"""Callers who may, and those who may not."""

from typing import Any

import pytest

from contracts.fault import Fault
from ingress.auth.identity import Identity
from ingress.authz.sections import RuleSection
from ingress.policies import allow
from ingress.policies.allow import Allow
from tests.ingress.policies.asked import Asked


def policy(**rule: Any) -> Allow:
    built = allow.build({"allow": RuleSection.model_validate(rule)})
    assert built is not None
    return built


def refused(one: Allow, identity: Identity | None) -> Fault:
    asked = Asked()
    if identity is not None:
        asked.identify(identity)
    with pytest.raises(Fault) as caught:
        one.admit(asked)
    return caught.value


def test_who_may_passes() -> None:
    """Nothing is said, nothing is changed."""
    asked = Asked()
    asked.identify(Identity(id="ann", scheme="key", scopes=("a",)))
    assert policy(scopes=["a"]).admit(asked) is None
    assert asked.headers == []


def test_who_may_not_hears_what_is_missing() -> None:
    """By a 403, and a bearer by the challenge of RFC 6750 too."""
    fault = refused(policy(scopes=["orders.write"]), Identity(id="ann", scheme="jwt"))
    assert (fault.code, fault.status) == ("forbidden", 403)
    assert fault.detail == "the scope orders.write is missing"
    assert fault.headers == (
        ("www-authenticate", 'Bearer error="insufficient_scope", scope="orders.write"'),
    )


def test_who_has_a_key_is_not_told_to_fetch_a_token() -> None:
    """The challenge is for those who can ask for another token."""
    assert refused(policy(scopes=["a"]), Identity(id="ann", scheme="key")).headers == ()
    assert refused(policy(roles=["a"]), Identity(id="ann", scheme="jwt")).headers == ()


def test_nobody_may_not() -> None:
    """A caller whom nobody knows has no scopes."""
    assert refused(policy(scopes=["a"]), None).headers == ()


def test_a_condition_that_fails_refuses_and_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the kind of error alone: its text may hold what a caller sent."""
    said: list[tuple[str, dict[str, str]]] = []

    class Log:
        def bind(self, **fields: str) -> "Log":
            self.fields = fields
            return self

        def warning(self, text: str, *words: str) -> None:
            said.append((text.format(*words), self.fields))

    monkeypatch.setattr(allow, "logs", Log())
    one = policy(when="claims.secret == 'x'")
    for _ in range(3):
        fault = refused(one, Identity(id="ann", scheme="jwt"))
        assert fault.detail == "a condition of this route is not met"
    assert said == [
        (
            "a condition cannot be judged, so it refuses: KeyError",
            {"condition": "when claims.secret == 'x'", "error": "KeyError"},
        )
    ]


def test_it_is_there_only_where_somebody_may_not() -> None:
    """Anyone costs nothing."""
    assert allow.build({}) is None
    assert allow.build({"allow": "anyone"}) is None
    assert repr(allow.build({"allow": "known"})) == "<Allow <Rules a caller who is known>>"
    assert policy(roles=["a"]).settings() == {"allow": ["the role a"]}
