"""JSON Web Tokens from the route file to the worker: nothing hostile is more than a 401."""

import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ingress.auth.jose import base64url
from tests.harness.waiting import eventually
from tests.ingress.auth.jose.minting import SECRET, compact, mint, pem, private_key, signer
from tests.ingress.auth.jose.vectors import UNSECURED, VECTORS
from tests.ingress.auth.site import Asked, answer, site
from tests.ingress.embedded_broker import House, lived_in
from workers.context import Context
from workers.service import Service

ROUTES = """
auth:
  shared: {jwt: {algorithms: [HS256], keys: {secrets: ["${JWT_SECRET}"]}, audiences: [orders]}}
  signed: {jwt: {algorithms: [ES256, RS256, EdDSA], keys: {url: "ISSUER/keys"}, any_audience: true}}
  consumer:
    jwt:
      algorithms: [HS256]
      keys: {secrets: ["${JWT_SECRET}"]}
      any_audience: true
      claims: {consumer: azp}
consumers:
  shop: {groups: [partners]}
routes:
  - {route: GET /who, operation: test.who, auth: [shared, signed]}
  - {route: GET /shop, operation: test.who, auth: consumer}
  - {route: GET /open, operation: test.who}
"""


class Seen(msgspec.Struct):
    """What the worker was shown."""

    caller: str
    scopes: tuple[str, ...]
    headers: dict[str, str]


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[House]:
    """Serve the routes, with a worker that tells what it sees and an issuer that has keys."""
    test = Service("test")

    @test.operation()
    async def who(ctx: Context) -> Seen:
        return Seen(ctx.call.caller.id, ctx.call.caller.scopes, dict(ctx.call.headers))

    def issuer(_: Asked) -> bytes:
        x = base64url.encode(private_key("EdDSA").public_key().public_bytes_raw())
        key = {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "one"}
        return answer(json.dumps({"keys": [key, VECTORS[1].jwk, VECTORS[2].jwk]}).encode())

    async with (
        site(issuer) as one,
        lived_in(folder, test, ROUTES.replace("ISSUER", one.url)) as house,
        house.client() as client,
    ):

        async def up() -> bool:
            return (await client.get("/open")).status_code == 200

        await eventually(up)
        yield house


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET", SECRET.decode())


def claims(**more: object) -> dict[str, object]:
    return {"sub": "ann", "exp": time.time() + 60, "aud": "orders", "scope": "read", **more}


# What a header may hold beside a right algorithm, or instead of it.
_FIELDS: list[dict[str, Any]] = [
    {"crit": ["x"]},
    {"b64": False},
    {"zip": "DEF"},
    {"cty": "JWT"},
    {"typ": "dpop+jwt"},
    {"kid": 5},
    {"kid": None},
    {"alg": ["HS256"]},
    {"alg": None},
]


def hostile() -> list[str | bytes]:
    """Tokens that none may get in with."""
    good = mint(claims())
    header, payload, signature = good.split(".")
    now = int(time.time())
    eve = private_key("Ed448")
    changes: Any = [
        *({"exp": now - 60}, {"exp": None}, {"nbf": now + 60}, {"iat": now + 60}, {"sub": None}),
        *({"aud": "x"}, {"aud": 5}, {"aud": None}, {"aud": []}, {"sub": 5}, {"scope": 5}),
    ]  # fmt: skip
    payloads = [
        b"[]",
        b'{"sub":"ann","aud":"orders","exp":NaN}',
        b'{"sub":"ann","aud":"orders","exp":1e999}',
        b'{"sub":"ann","aud":"orders","exp":"' + str(now + 60).encode() + b'"}',
        b'{"sub":"ann","aud":"orders","exp":true}',
        b'{"sub":"ann","aud":"orders","exp":1' + b"0" * 5000 + b"}",
        b'{"sub":"ann","sub":"eve","aud":"orders","exp":' + str(now + 60).encode() + b"}",
        b'{"sub":"\\ud800","aud":"orders","exp":' + str(now + 60).encode() + b"}",
        b'{"sub":"a\\r\\nx: y","aud":"orders","exp":' + str(now + 60).encode() + b"}",
        b'{"sub":"\xff","aud":"orders","exp":' + str(now + 60).encode() + b"}",
        b'{"x":' + b"[" * 2000 + b"]" * 2000 + b"}",
    ]
    return [
        *(".", "..", "...", "x", "a.b.c", "e30.e30.e30", "null", "Bearer", good[:-1]),
        *(good + "=", good + ".", f"{good}.{good}", f"{header}.{payload}.", f"{header}..x"),
        *(f"{header}.{payload}=.{signature}", f"{good},{good}"),
        *(f"{good} {good}", good + "A" * 4000),
        *(UNSECURED, UNSECURED + "AAAA", *(vector.token for vector in VECTORS)),
        *(compact(json.dumps({"alg": name}).encode(), json.dumps(claims()).encode(), lambda _: b"")
          for name in ("none", "None", "NONE", "", "HS256", "nOnE")),
        *(mint(claims(), "HS256", key=pem(name)) for name in ("RS256", "ES256", "EdDSA")),
        *(mint(claims(), "HS256", key=b"x" * 32), mint(claims(), "HS512"), mint(claims(), "ES256")),
        *(mint(claims(), "EdDSA", key=eve), mint(claims(), "EdDSA", header={"kid": "two"})),
        *(mint(claims(), header=fields) for fields in _FIELDS),
        *(mint(claims(**more)) for more in changes),
        *(compact(b'{"alg":"HS256"}', payload, signer("HS256")) for payload in payloads),
        b"\xff\xfe", good.encode() + b"\xc3\xa9", b"\xe2\x80\xa8",
    ]  # fmt: skip


async def test_a_token_says_to_the_worker_who_calls(tmp_path: Path) -> None:
    """By secret and by the issuer's key; the worker does not get the token, nor does the log."""
    async with served(tmp_path) as house, house.client() as client:
        tokens = [mint(claims()), mint(claims(), "EdDSA", header={"kid": "one"})]
        for token in tokens * 2:
            for scheme in ("Bearer", "bearer"):
                got = await client.get("/who", headers={"authorization": f"{scheme} {token}"})
                seen = got.json()
                assert (seen["caller"], seen["scopes"]) == ("ann", ["read"])
                assert "authorization" not in seen["headers"]
        assert not any(token in house.log.getvalue() for token in tokens)


async def test_nothing_hostile_is_more_than_a_401(tmp_path: Path) -> None:
    """Each is refused in the same way, with a challenge, and the gateway goes on."""
    async with served(tmp_path) as house, house.client() as client:
        for token in hostile():
            said = token if isinstance(token, bytes) else token.encode()
            got = await client.get("/who", headers={b"authorization": b"Bearer " + said})
            assert (got.status_code, got.json()["code"]) == (401, "unauthenticated"), token
            assert 'Bearer realm="queuegate"' in got.headers["www-authenticate"]
        for scheme in (b"Basic YTpi", b"Bearer", b"Digest x", b"Bear"):
            got = await client.get("/who", headers={b"authorization": scheme})
            assert got.status_code == 401
        good = f"Bearer {mint(claims())}"
        fields = [("authorization", good), ("authorization", good)]
        assert (await client.get("/who", headers=fields)).status_code == 401
        assert (await client.get("/who", headers={"authorization": good})).status_code == 200
        assert "the gateway failed" not in house.log.getvalue()


async def test_a_challenge_says_what_was_wrong(tmp_path: Path) -> None:
    """Each authenticator has its challenge; who showed nothing hears of no error."""
    async with served(tmp_path) as house, house.client() as client:
        bare = await client.get("/who")
        assert "error" not in bare.headers["www-authenticate"]
        late = mint(claims(exp=time.time() - 60))
        got = await client.get("/who", headers={"authorization": f"Bearer {late}"})
        assert 'error_description="the token has expired"' in got.headers["www-authenticate"]
        assert got.json()["detail"] == "the token has expired"


async def test_a_token_may_be_of_a_known_consumer(tmp_path: Path) -> None:
    """The consumer that it names must be known."""
    async with served(tmp_path) as house, house.client() as client:
        for name, status in (("shop", 200), ("other", 401)):
            token = mint(claims(azp=name))
            got = await client.get("/shop", headers={"authorization": f"Bearer {token}"})
            assert got.status_code == status
