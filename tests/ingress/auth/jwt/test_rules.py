from typing import Any

import pytest

from ingress.auth.jwt.rules import Rules
from ingress.auth.refusal import Refused

NOW = 1_800_000_000.0
FINE: dict[str, Any] = {"exp": NOW + 60}
ANY = Rules(required=(), audiences=None)


def check(rules: Rules, claims: dict[str, Any], **header: Any) -> float:
    return rules.check(header, claims, NOW)


def test_a_token_tells_when_it_ends() -> None:
    """What is fine gives its end, and 0 for one that has none."""
    assert check(Rules(), FINE) == NOW + 60
    assert check(ANY, {}) == 0.0
    assert check(Rules(), {"exp": NOW + 0.5}) == NOW + 0.5


@pytest.mark.parametrize("exp", [NOW, NOW - 1, NOW - 0.001, 0])
def test_a_token_that_has_ended_is_refused(exp: float) -> None:
    """At the very second that it names a token is over (RFC 7519 section 4.1.4)."""
    with pytest.raises(Refused, match="expired"):
        check(Rules(), {"exp": exp})


NO_DATES = [
    str(int(NOW + 60)), True, False, None, [], {}, "", -1, -0.5, 1e300, 10**400, -(10**400),
    253_402_300_800, "NaN", [NOW + 60],
]  # fmt: skip


@pytest.mark.parametrize("value", NO_DATES, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
def test_what_is_no_date_is_refused(name: str, value: object) -> None:
    """Texts, truths, lists and numbers beyond all years are no dates, and crash nothing."""
    with pytest.raises(Refused):
        check(Rules(required=()), {**FINE, name: value})


def test_a_token_begins_when_it_says() -> None:
    """Before nbf it is refused, and so is one from the future."""
    assert check(Rules(), {**FINE, "nbf": NOW, "iat": NOW})
    with pytest.raises(Refused, match="not valid yet"):
        check(Rules(), {**FINE, "nbf": NOW + 1})
    with pytest.raises(Refused, match="issued in the future"):
        check(Rules(), {**FINE, "iat": NOW + 1})


def test_clocks_may_differ_by_the_leeway_and_no_more() -> None:
    """The leeway is granted at both ends."""
    rules = Rules(leeway=30)
    assert check(rules, {"exp": NOW - 29, "nbf": NOW + 30, "iat": NOW + 30})
    for claims in ({"exp": NOW - 30}, {**FINE, "nbf": NOW + 31}, {**FINE, "iat": NOW + 31}):
        with pytest.raises(Refused):
            check(rules, claims)


def test_a_token_that_lasts_too_long_is_refused() -> None:
    """The lifetime counts from iat, without one from now; without an end it is endless."""
    rules = Rules(max_lifetime=3600, required=())
    assert check(rules, {"iat": NOW - 10, "exp": NOW + 3590})
    assert check(rules, {"exp": NOW + 3600})
    for claims in ({"iat": NOW - 10, "exp": NOW + 3591}, {"exp": NOW + 3601}, {"iat": NOW}, {}):
        with pytest.raises(Refused, match="too long"):
            check(rules, claims)


def test_an_issuer_is_one_of_those_named() -> None:
    """Issuers are compared character by character, and one must be there."""
    rules = Rules(issuers=("https://id.example", "https://other.example"))
    assert check(rules, {**FINE, "iss": "https://other.example"})
    wrong: list[Any] = [
        "https://id.example/",
        "HTTPS://ID.EXAMPLE",
        "",
        None,
        5,
        ["https://id.example"],
        {},
    ]
    for issuer in wrong:
        with pytest.raises(Refused, match="issuer"):
            check(rules, {**FINE, "iss": issuer})
    with pytest.raises(Refused, match="issuer"):
        check(rules, FINE)
    with pytest.raises(Refused, match="issuer"):
        check(Rules(), {**FINE, "iss": 5})


def test_an_audience_is_a_text_or_a_list() -> None:
    """One of the audiences must be one of ours; which others there are does not matter."""
    rules = Rules(audiences=("orders", "all"))
    right: list[Any] = ["orders", ["x", "all"], ["orders"]]
    for audience in right:
        assert check(rules, {**FINE, "aud": audience})
    wrong: tuple[Any, ...] = (
        "other",
        "Orders",
        "",
        [],
        ["x"],
        5,
        {"orders": 1},
        [5],
        ["orders", 5],
        True,
    )
    for audience in wrong:
        with pytest.raises(Refused, match="audience"):
            check(rules, {**FINE, "aud": audience})
    with pytest.raises(Refused, match="names no audience"):
        check(rules, FINE)


def test_a_token_for_somebody_is_not_for_us() -> None:
    """Who has no audience refuses a token that names one (RFC 7519 section 4.1.3), unless told."""
    with pytest.raises(Refused, match="another audience"):
        check(Rules(), {**FINE, "aud": "billing"})
    assert check(Rules(audiences=None), {**FINE, "aud": "billing"})


def test_required_claims_are_there() -> None:
    """A claim that is missing, or null, is missing."""
    rules = Rules(required=("exp", "jti"))
    assert check(rules, {**FINE, "jti": "x"})
    for claims in (FINE, {**FINE, "jti": None}, {"jti": "x"}):
        with pytest.raises(Refused, match="lacks the claim"):
            check(rules, claims)


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "at+jwt", "application/at+jwt", "AT+JWT"])
def test_a_token_for_an_api_is_accepted(typ: str | None) -> None:
    """Access tokens and plain ones are, in any spelling of the media type."""
    header = {} if typ is None else {"typ": typ}
    assert Rules().check(header, FINE, NOW)


@pytest.mark.parametrize("typ", ["dpop+jwt", "logout+jwt", "secevent+jwt", "JOSE", "", 5, ["JWT"]])
def test_a_token_for_something_else_is_refused(typ: object) -> None:
    """A proof, a logout, an event: none of them lets anybody in (RFC 8725 section 3.11)."""
    with pytest.raises(Refused, match="type"):
        Rules().check({"typ": typ}, FINE, NOW)
