import pytest

from ingress.auth.bearer import Place
from ingress.auth.refusal import Refused
from tests.ingress.auth.asking import Request


def find(place: Place, *fields: tuple[str, str]) -> str | None:
    return place.find(Request(*fields).call)


def test_a_token_stands_behind_its_scheme() -> None:
    """Bearer in any case and any number of spaces; other schemes are not looked at."""
    place = Place()
    for value in ("Bearer abc", "bearer abc", "BEARER   abc ", "Bearer abc"):
        assert find(place, ("x", "y"), ("authorization", value)) == "abc"
    for value in ("Basic abc", "abc", "Bearerabc", "", "Bearer", "DPoP abc"):
        assert find(place, ("authorization", value)) is None
    assert find(place, ("authorization", "Bearer ")) == ""
    assert find(place) is None


def test_two_tokens_are_refused() -> None:
    """Which of them counts would be a guess (RFC 6750 section 3.1)."""
    with pytest.raises(Refused, match="more than one token") as caught:
        find(Place(), ("authorization", "Bearer a"), ("authorization", "Bearer a"))
    assert caught.value.error == "invalid_request"


def test_another_header_may_have_no_scheme() -> None:
    """In a header of its own the scheme is left out, or not."""
    place = Place(header="x-token")
    assert find(place, ("authorization", "Bearer no"), ("x-token", "abc")) == "abc"
    assert find(place, ("x-token", "Bearer abc")) == "abc"
    assert place.credentials.headers == {"x-token"}


def test_a_cookie_is_looked_at_last() -> None:
    """The header has the word; an empty cookie holds no token."""
    place = Place(cookie="id")
    assert find(place, ("cookie", "a=b; id=abc")) == "abc"
    assert find(place, ("cookie", "id=abc"), ("authorization", "Bearer x")) == "x"
    assert find(place, ("cookie", "id=")) is None
    assert place.credentials.cookies == {"id"}


def test_a_challenge_says_what_was_wrong() -> None:
    """Without a token it names the realm alone."""
    place = Place(realm="shop")
    assert place.challenge(None) == 'Bearer realm="shop"'
    assert place.challenge(Refused("the token has expired")) == (
        'Bearer realm="shop", error="invalid_token", error_description="the token has expired"'
    )
