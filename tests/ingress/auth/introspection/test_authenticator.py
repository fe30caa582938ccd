import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest

from contracts.fault import Fault
from ingress.auth.identity import Identity
from ingress.auth.introspection.build import build
from ingress.auth.introspection.sections import IntrospectionSection
from ingress.auth.refusal import Refused
from tests.ingress.auth.asking import Consumer, Directory, Request, bearer
from tests.ingress.auth.site import Asked, Site, answer, site


class Issuer:
    """Knows tokens; may be down."""

    def __init__(self) -> None:
        self.tokens: dict[str, Any] = {}
        self.down = False
        self.directory = Directory(shop=Consumer(plan="gold"))

    def script(self, asked: Asked) -> bytes:
        if self.down:
            return answer(status=503)
        token = parse_qs(asked.body.decode())["token"][0]
        said = self.tokens.get(token)
        return answer(json.dumps({"active": said is not None, **(said or {})}).encode())

    @asynccontextmanager
    async def asked(self, **settings: Any) -> AsyncIterator[tuple[Any, Site]]:
        async with site(self.script) as one:
            section = IntrospectionSection.model_validate(
                {
                    "url": f"{one.url}/introspect",
                    "client_id": "gateway",
                    "client_secret": "s3cret",
                    **settings,
                }
            )
            made = build("sso", section, self.directory)
            try:
                yield made, one
            finally:
                await made.close()


async def ask(one: Any, token: str) -> Identity:
    found = one.authenticate(bearer(token))
    return found if isinstance(found, Identity) else await found


async def test_an_active_token_says_who_is_calling() -> None:
    """It is asked about once, and then known."""
    issuer = Issuer()
    issuer.tokens["t"] = {"sub": "ann", "scope": "read write", "exp": int(time.time()) + 60}
    async with issuer.asked() as (one, site_):
        for _ in range(3):
            found = await ask(one, "t")
            assert (found.id, found.scheme, found.scopes) == (
                "ann",
                "introspection",
                ("read", "write"),
            )
        assert len(site_.asked) == 1
        assert isinstance(one.authenticate(bearer("t")), Identity)


async def test_a_token_that_is_not_active_is_refused() -> None:
    """It is asked about once too, for a while."""
    issuer = Issuer()
    async with issuer.asked() as (one, site_):
        for _ in range(3):
            with pytest.raises(Refused, match="not active"):
                await ask(one, "t")
        assert len(site_.asked) == 1


async def test_what_is_remembered_ends_with_the_token() -> None:
    """An answer is not good for longer than the token, nor for longer than the settings say."""
    issuer = Issuer()
    issuer.tokens["t"] = {"sub": "ann", "exp": time.time() + 0.3}
    async with issuer.asked(remember="1h", remember_refused="0s") as (one, site_):
        await ask(one, "t")
        await asyncio.sleep(0.35)
        with pytest.raises(Refused, match="expired"):
            await ask(one, "t")
        del issuer.tokens["t"]
        with pytest.raises(Refused, match="not active"):
            await ask(one, "t")
        assert len(site_.asked) == 3


async def test_while_the_issuer_is_down_nobody_new_gets_in() -> None:
    """It is 503 and not 401; who is known stays known, and the issuer is left alone."""
    issuer = Issuer()
    issuer.tokens |= {"t": {"sub": "ann"}, "u": {"sub": "bob"}}
    async with issuer.asked() as (one, site_):
        await ask(one, "t")
        issuer.down = True
        for number in range(20):
            with pytest.raises(Fault, match="auth_unavailable"):
                await ask(one, f"u{number}")
        assert (await ask(one, "t")).id == "ann"
        assert len(site_.asked) < 10


async def test_the_rules_of_the_route_file_hold_too() -> None:
    """Another issuer, another audience, a time that is over, a name that is none: refused."""
    issuer = Issuer()
    now = time.time()
    fine = {"sub": "ann", "iss": "me", "aud": ["orders"], "exp": now + 60}
    issuer.tokens = {
        "fine": fine,
        "iss": {**fine, "iss": "x"},
        "aud": {**fine, "aud": "x"},
        "exp": {**fine, "exp": now - 1},
        "nbf": {**fine, "nbf": now + 60},
        "sub": {**fine, "sub": 5},
        "scope": {**fine, "scope": {}},
    }
    async with issuer.asked(issuers=["me"], audiences=["orders"]) as (one, _):
        assert (await ask(one, "fine")).id == "ann"
        for token in ("iss", "aud", "exp", "nbf", "sub", "scope"):
            with pytest.raises(Refused):
                await ask(one, token)


async def test_a_token_may_be_of_a_known_consumer() -> None:
    """The member that names it must be there, and known."""
    issuer = Issuer()
    issuer.tokens = {"a": {"sub": "ann", "client_id": "shop"}, "b": {"sub": "bob"}}
    async with issuer.asked(claims={"consumer": "client_id"}) as (one, _):
        found = await ask(one, "a")
        assert (found.id, found.consumer, found.plan) == ("ann", "shop", "gold")
        with pytest.raises(Refused, match="names no consumer"):
            await ask(one, "b")


@pytest.mark.parametrize("token", ["", "a" * 9000, "a\tb", "é", "a\x7f"])
async def test_what_cannot_be_a_token_is_not_asked_about(token: str) -> None:
    """Garbage costs the issuer nothing."""
    async with Issuer().asked() as (one, site_):
        with pytest.raises(Refused, match="malformed"):
            await ask(one, token)
        assert site_.asked == []


async def test_it_tells_about_itself() -> None:
    """Challenge, settings and repr hold no secret; without a token another one is asked."""
    async with Issuer().asked(realm="shop") as (one, _):
        assert one.authenticate(Request()) is None
        assert one.challenge(None) == 'Bearer realm="shop"'
        assert "s3cret" not in repr((one, one.settings()))
        assert one.settings()["client_id"] == "gateway"
        assert one.credentials.headers == {"authorization"}
