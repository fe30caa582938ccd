"""Telling callers by their API keys."""

import pytest

from ingress.auth.credentials import Credentials
from ingress.auth.identity import Identity
from ingress.auth.key.authenticator import KeyAuthenticator
from ingress.auth.key.sections import KeySection
from ingress.auth.refusal import Refused
from tests.ingress.auth.shown import shown
from tests.ingress.policies.asked import Asked

ANNA = Identity(id="anna", scheme="key")


class Held:
    """Keys of Anna's."""

    def holder(self, key: str) -> Identity | None:
        """Know two of them."""
        if key == "old":
            raise Refused("the key has expired")
        return ANNA if key == "good" else None


def way(**section: str) -> KeyAuthenticator:
    return KeyAuthenticator("partners", KeySection.model_validate(section), Held())


@pytest.mark.parametrize(
    "section, request_",
    [
        ({}, shown(x_api_key="good")),
        ({"header": "X-Key"}, shown(x_key="good")),
        ({"header": "authorization"}, shown(authorization="Bearer good")),
        ({"header": "authorization"}, shown(authorization="bearer  good")),
        ({"query": "k"}, shown("a=1&k=good")),
        ({"cookie": "sid"}, shown(cookie="a=1; sid=good")),
        ({"header": "x-key", "query": "k"}, shown("k=good")),
    ],
)
def test_a_key_is_found_where_it_may_be_shown(section: dict[str, str], request_: Asked) -> None:
    """In a header field, in the query or in a cookie."""
    assert way(**section).authenticate(request_) is ANNA


@pytest.mark.parametrize(
    "section, request_",
    [
        ({}, shown("x-api-key=good")),
        ({"query": "k"}, shown(x_api_key="good")),
        ({"header": "authorization"}, shown(authorization="Basic good")),
        # It may be another authenticator's token.
        ({"header": "authorization"}, shown(authorization="Bearer some.jwt.token")),
    ],
)
def test_what_is_shown_elsewhere_is_not_seen(section: dict[str, str], request_: Asked) -> None:
    """Then the next authenticator is asked."""
    assert way(**section).authenticate(request_) is None


@pytest.mark.parametrize("key", ["bad", "", "x" * 5000, "g\udc80", "good,good"])
def test_a_key_of_nobody_is_refused(key: str) -> None:
    """In the same words, whatever is wrong with it."""
    with pytest.raises(Refused) as caught:
        way().authenticate(shown(x_api_key=key))
    assert caught.value.reason == "the key is not known"


def test_a_key_that_ended_is_told_as_such() -> None:
    """Its holder has to know."""
    with pytest.raises(Refused, match="expired"):
        way().authenticate(shown(x_api_key="old"))


def test_the_challenge_says_where_a_key_goes() -> None:
    """Bearer where it is one (RFC 6750 section 3), else a scheme of our own with the places."""
    assert way().challenge(None) == 'ApiKey realm="queuegate", header="x-api-key"'
    places = way(header="x-k", query="k", cookie="c").challenge(Refused("wrong"))
    assert places == 'ApiKey realm="queuegate", header="x-k", query="k", cookie="c"'
    bearer = way(header="authorization", realm="shop")
    assert bearer.challenge(None) == 'Bearer realm="shop"'
    assert bearer.challenge(Refused("the key has expired")) == (
        'Bearer realm="shop", error="invalid_token", error_description="the key has expired"'
    )


def test_it_says_which_places_it_reads() -> None:
    """So that they are taken off the call, and told by `routes explain`."""
    read = way(header="X-K", query="k", cookie="c")
    assert read.credentials == Credentials(frozenset(["x-k"]), frozenset(["k"]), frozenset(["c"]))
    assert read.settings() == {"kind": "key", "header": "x-k", "query": "k", "cookie": "c"}
    assert repr(read) == "<KeyAuthenticator partners>"
