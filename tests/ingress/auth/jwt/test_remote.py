import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from contracts.fault import Fault
from ingress.auth.http_client import HttpClient
from ingress.auth.jose import base64url, jws
from ingress.auth.jose.keyset import KeySet
from ingress.auth.jwt.remote import MAX_SET, RemoteKeys, Terms
from tests.harness.waiting import eventually
from tests.ingress.auth.jose.minting import mint, private_key
from tests.ingress.auth.site import Asked, Site, answer, site

TERMS = Terms(refresh=300, stale=1000, cooldown=30, timeout=1)


class Issuer:
    """Serves its keys, and has a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 5000.0
        self.kids = ["one"]
        self.down = False
        self.slow: asyncio.Event | None = None
        self.said: list[str] = []

    async def script(self, _: Asked) -> bytes:
        if self.slow:
            await self.slow.wait()
        if self.down:
            return answer(b"down", status=503)
        x = base64url.encode(private_key("EdDSA").public_key().public_bytes_raw())
        keys = [{"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid} for kid in self.kids]
        return answer(json.dumps({"keys": keys}).encode())

    @asynccontextmanager
    async def keys(self, terms: Terms = TERMS) -> AsyncIterator[tuple[RemoteKeys, Site]]:
        client = HttpClient()
        async with site(self.script) as one:
            remote = RemoteKeys(
                f"{one.url}/keys",
                client,
                terms,
                report=self.said.append,
                clock=lambda: self.now,
            )
            try:
                yield remote, one
            finally:
                await remote.close()
                await client.close()


def token(kid: str | None = "one") -> jws.Token:
    header: dict[str, Any] = {} if kid is None else {"kid": kid}
    return jws.parse(mint({"sub": "ann"}, "EdDSA", header=header), ("EdDSA",))


async def found(keys: KeySet | Awaitable[KeySet]) -> KeySet:
    return keys if isinstance(keys, KeySet) else await keys


async def test_keys_are_fetched_once_and_then_at_hand() -> None:
    """The first token waits for the keys; all after it have them at once."""
    issuer = Issuer()
    async with issuer.keys() as (remote, one):
        jws.verify(token(), await found(remote.find(token())))
        for kid in ("one", None):
            keys = remote.find(token(kid))
            assert isinstance(keys, KeySet)
            jws.verify(token(kid), keys)
        assert len(one.asked) == 1
        assert repr(remote).endswith("/keys 1 keys>")


async def test_all_that_wait_wait_for_one_fetch() -> None:
    """Fifty tokens at once make one request, and one that leaves takes it from nobody."""
    issuer = Issuer()
    issuer.slow = asyncio.Event()
    async with issuer.keys() as (remote, one):
        waiting = [asyncio.ensure_future(found(remote.find(token()))) for _ in range(50)]
        await eventually(lambda: one.asked)
        waiting[0].cancel()
        issuer.slow.set()
        keys = await asyncio.gather(*waiting[1:])
        assert {len(each) for each in keys} == {1}
        assert len(one.asked) == 1


async def test_nobody_waits_for_keys_that_are_merely_old() -> None:
    """Old keys are used while new ones are fetched, once."""
    issuer = Issuer()
    async with issuer.keys() as (remote, one):
        await found(remote.find(token()))
        issuer.now += TERMS.refresh
        issuer.kids = ["one", "two"]
        for _ in range(5):
            assert isinstance(remote.find(token()), KeySet)
        assert "two" in [key.kid for key in await found(remote.find(token("two")))]
        assert len(one.asked) == 2


async def test_keys_stay_in_use_while_the_issuer_is_down() -> None:
    """A failed refresh keeps the old keys, tries again in time, and ends when they are stale."""
    issuer = Issuer()
    async with issuer.keys() as (remote, one):
        await found(remote.find(token()))
        issuer.down = True
        issuer.now += TERMS.refresh
        for _ in range(5):
            assert isinstance(remote.find(token()), KeySet)
        await eventually(lambda: issuer.said)
        assert "status 503" in issuer.said[0]
        assert isinstance(remote.find(token()), KeySet)
        assert len(one.asked) == 2
        issuer.now += TERMS.cooldown
        assert isinstance(remote.find(token()), KeySet)
        await eventually(lambda: len(one.asked) == 3)
        issuer.now += TERMS.stale
        with pytest.raises(Fault, match="auth_unavailable"):
            await found(remote.find(token()))
        issuer.down = False
        issuer.now += 2
        jws.verify(token(), await found(remote.find(token())))


async def test_a_new_key_is_fetched_when_a_token_names_it() -> None:
    """After a rotation the first token of the new key waits for one fetch, and is verified."""
    issuer = Issuer()
    async with issuer.keys() as (remote, one):
        await found(remote.find(token()))
        issuer.now += TERMS.cooldown
        issuer.kids = ["two"]
        before = remote.generation
        jws.verify(token("two"), await found(remote.find(token("two"))))
        assert len(one.asked) == 2
        assert remote.generation == before + 1
        assert "one" not in [key.kid for key in await found(remote.find(token("one")))]


async def test_invented_names_do_not_hammer_the_issuer() -> None:
    """A thousand unknown names make one fetch each cooldown, and each has its answer."""
    issuer = Issuer()
    async with issuer.keys() as (remote, one):
        await found(remote.find(token()))
        issuer.now += TERMS.cooldown
        for number in range(200):
            keys = await found(remote.find(token(f"k{number}")))
            assert keys.candidates(f"k{number}", token().algorithm) == ()
        assert len(one.asked) == 2


async def test_an_unknown_name_is_no_forgery_while_the_issuer_is_down() -> None:
    """Whether a new key is good cannot be told then: 503, not 401; known keys go on."""
    issuer = Issuer()
    async with issuer.keys() as (remote, _):
        await found(remote.find(token()))
        issuer.now += TERMS.cooldown
        issuer.down = True
        for _ in range(3):
            with pytest.raises(Fault, match="auth_unavailable"):
                await found(remote.find(token("two")))
        jws.verify(token(), await found(remote.find(token())))


async def test_without_keys_nobody_gets_in() -> None:
    """If the issuer never answered it is 503, at once for those that come just after."""
    issuer = Issuer()
    issuer.down = True
    async with issuer.keys() as (remote, one):
        for _ in range(5):
            with pytest.raises(Fault, match="auth_unavailable"):
                await found(remote.find(token()))
        assert len(one.asked) == 1
        issuer.now += 1
        issuer.down = False
        jws.verify(token(), await found(remote.find(token())))


BODIES = [
    b"", b"null", b"[]", b"{}", b'{"keys":[]}', b'{"keys":5}', b"<html>", b"\xff",
    b'{"keys":[{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0i"}]}',
    b'{"keys":[' + b" " * MAX_SET + b"]}",
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:20]))
async def test_what_is_no_key_set_changes_nothing(body: bytes) -> None:
    """A page of errors, an empty set, a set of secrets or one without end: the old keys stay."""
    issuer = Issuer()
    async with issuer.keys() as (remote, one):
        await found(remote.find(token()))
        one.script = lambda _: answer(body)
        issuer.now += TERMS.refresh
        remote.find(token())
        await eventually(lambda: issuer.said)
        jws.verify(token(), await found(remote.find(token())))


async def test_a_redirect_is_no_key_set() -> None:
    """Keys come from the URL of the settings and from nowhere else."""
    issuer = Issuer()
    async with issuer.keys() as (remote, one):
        one.script = lambda asked: answer(status=302, fields="location: /elsewhere\r\n")
        with pytest.raises(Fault, match="auth_unavailable"):
            await found(remote.find(token()))
        assert [asked.target for asked in one.asked] == ["/keys"]
