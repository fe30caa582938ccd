from collections.abc import AsyncIterator

import pytest

from contracts.fault import Fault
from ingress.auth.forward.question import question
from ingress.auth.forward.site import Site
from ingress.auth.forward.verdict import NO
from ingress.auth.http_client import HttpClient, Unreachable
from tests.ingress.auth.asking import bearer
from tests.ingress.auth.site import answer, site

NAMES = {"id": "x-user", "scopes": "x-scopes", "groups": "x-groups"}
ASKED = question(bearer("t"), ["authorization"])


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    """A client that is closed after the test."""
    one = HttpClient()
    yield one
    await one.close()


async def test_a_yes_says_who_it_is(http: HttpClient) -> None:
    """Names come from the fields that the settings name, lists with commas or spaces."""
    fields = (
        "X-User: ann\r\nX-Scopes: read, write\r\nX-Groups: a b\r\nX-Mail: a@b\r\nX-Other: 1\r\n"
    )
    async with site(lambda _: answer(status=202, fields=fields)) as one:
        verdict = await Site(f"{one.url}/check", http, 1.0, NAMES, ["x-mail"]).decide(ASKED)
        asked = one.asked[0]
    assert verdict.who == {"id": "ann", "scopes": ["read", "write"], "groups": ["a", "b"]}
    assert verdict.fields == (("x-mail", "a@b"),)
    assert (asked.method, asked.target, asked.body) == ("GET", "/check", b"")
    assert asked.fields["authorization"] == "Bearer t"
    assert asked.fields["x-forwarded-method"] == "POST"


async def test_a_no_is_a_no(http: HttpClient) -> None:
    """401 is one, 403 is for the client to hear, and a yes without a name names nobody."""
    status = 401
    async with site(lambda _: answer(status=status)) as one:
        judge = Site(one.url, http, 1.0, NAMES)
        assert await judge.decide(ASKED) == NO
        status = 403
        with pytest.raises(Fault, match="forbidden"):
            await judge.decide(ASKED)
        status = 302
        with pytest.raises(Unreachable):
            await judge.decide(ASKED)
        status = 200
        assert (await judge.decide(ASKED)).who == {}
    assert repr(judge) == "<Site>"
    await judge.close()
