"""A client's certificate from the handshake to the worker."""

import ssl
from pathlib import Path

import httpx
from cryptography import x509

from tests.harness.certificates import Authority, Issued
from tests.harness.waiting import eventually
from tests.ingress.embedded_broker import House, lived_in
from workers.context import Context
from workers.service import Service

ROUTES = """
tls: {certificate: server.pem, key: server.key, client_ca: authority.pem, client: optional}
auth:
  machines: {mtls: {name: dns, consumers: {shop.example: shop}, accepted: ["*.clients.example"]}}
consumers: {shop: {groups: [partners]}}
routes:
  - {route: GET /who, operation: test.who, auth: machines}
  - {route: GET /open, operation: test.who}
"""


def client(house: House, authority: Authority, own: Issued | None) -> httpx.AsyncClient:
    """Make a client that trusts the authority, with a certificate of its own or without."""
    context = ssl.create_default_context(cafile=str(authority.file))
    if own:
        context.load_cert_chain(own.certificate, own.key)
    port = house.public.getsockname()[1]
    return httpx.AsyncClient(base_url=f"https://127.0.0.1:{port}", verify=context, trust_env=False)


async def test_a_certificate_says_to_the_worker_who_calls(tmp_path: Path) -> None:
    """A consumer's, one that fits, one of a stranger, and none at all."""
    authority = Authority(tmp_path)
    authority.issue("server", file="server")
    test = Service("test")

    @test.operation()
    async def who(ctx: Context) -> str:
        return ctx.call.caller.id

    def issued(name: str) -> Issued:
        return authority.issue(name, sans=[x509.DNSName(name)], file=name, client=True)

    async with lived_in(tmp_path, test, ROUTES) as house:
        async with client(house, authority, None) as bare:

            async def up() -> bool:
                return (await bare.get("/open")).status_code == 200

            await eventually(up)
            refused = await bare.get("/who")
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
            assert refused.headers["www-authenticate"] == 'ClientCertificate realm="queuegate"'
        for name, said in [
            ("shop.example", (200, "shop")),
            ("a.clients.example", (200, "a.clients.example")),
            ("b.a.clients.example", (401, None)),
        ]:
            async with client(house, authority, issued(name)) as known:
                got = await known.get("/who")
                assert (got.status_code, got.text if said[1] else None) == said
