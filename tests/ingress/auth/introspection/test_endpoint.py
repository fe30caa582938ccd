import base64
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import pytest

from ingress.auth.http_client import HttpClient, Unreachable
from ingress.auth.introspection.endpoint import Client, Endpoint
from tests.ingress.auth.site import Site, answer, site


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    """A client that is closed after the test."""
    one = HttpClient()
    yield one
    await one.close()


def endpoint(one: Site, http: HttpClient, *, basic: bool = True) -> Endpoint:
    return Endpoint(f"{one.url}/introspect", Client("gate way", "s3:cret&"[:8], basic), http, 1.0)


async def test_it_asks_as_the_standard_says(http: HttpClient) -> None:
    """A form with the token; who we are stands in the header, encoded as a form is."""
    async with site(lambda _: answer(b'{"active":true,"sub":"ann"}')) as one:
        assert await endpoint(one, http).ask("a+b/c=") == {"active": True, "sub": "ann"}
        asked = one.asked[0]
    assert (asked.method, asked.target) == ("POST", "/introspect")
    assert asked.fields["content-type"] == "application/x-www-form-urlencoded"
    form = parse_qs(asked.body.decode())
    assert form == {"token": ["a+b/c="], "token_type_hint": ["access_token"]}
    scheme, _, pair = asked.fields["authorization"].partition(" ")
    assert (scheme, base64.b64decode(pair)) == ("Basic", b"gate+way:s3%3Acret%26")


async def test_who_we_are_may_stand_in_the_form(http: HttpClient) -> None:
    """Issuers that know no Basic get it there."""
    async with site(lambda _: answer(b'{"active":false}')) as one:
        assert await endpoint(one, http, basic=False).ask("t") is None
        asked = one.asked[0]
    assert parse_qs(asked.body.decode())["client_secret"] == ["s3:cret&"]
    assert "authorization" not in asked.fields


NO_ANSWERS = [
    answer(status=401),
    answer(status=403),
    answer(status=302, fields="location: /x\r\n"),
    answer(status=500),
    answer(b'{"active":true}', status=201),
    answer(b""),
    answer(b"[]"),
    answer(b"{}"),
    answer(b'{"active":"true"}'),
    answer(b'{"active":1}'),
    answer(b'{"active":null}'),
    answer(b'{"active":false,"active":true}'),
    answer(b"<html>"),
    answer(b'{"active":true,"x":"' + b"x" * 70_000 + b'"}'),
    b"",
]


@pytest.mark.parametrize("said", NO_ANSWERS, ids=lambda said: repr(said[:40]))
async def test_what_is_no_answer_says_nothing_of_the_token(http: HttpClient, said: bytes) -> None:
    """Our own refusal, a page, a truth that is none: it is neither yes nor no."""
    async with site(lambda _: said) as one:
        with pytest.raises(Unreachable):
            await endpoint(one, http).ask("t")


async def test_a_secret_is_not_shown(http: HttpClient) -> None:
    """The repr names the client alone."""
    assert repr(Client("gateway", "s3cret")) == "<Client gateway>"
    await Endpoint("http://127.0.0.1:1/", Client("a", "b"), http, 1.0).close()
