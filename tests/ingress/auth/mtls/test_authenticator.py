from typing import Any

import msgspec
import pytest

from ingress.auth.mtls.build import build
from ingress.auth.mtls.sections import MtlsSection
from ingress.auth.refusal import Refused
from ingress.guard.certificate import Certificate
from tests.ingress.auth.asking import Consumer, Directory, Request

SHOP = Certificate(
    subject="CN=shop,O=Acme",
    issuer="CN=clients,O=Acme",
    common_name="shop",
    sans=("DNS:a.shop.example", "DNS:b.example", "URI:spiffe://acme/shop", "EMAIL:a@shop.example",
          "IP:10.0.0.1"),
    fingerprint="ab12",
    serial="1f",
    expires=4e9,
)  # fmt: skip


def made(**settings: Any) -> Any:
    directory = Directory(shop=Consumer(scopes=("write",), plan="gold"))
    return build("partners", MtlsSection.model_validate(settings), directory)


def ask(one: Any, certificate: Certificate | None = SHOP, **change: Any) -> Any:
    if certificate and change:
        certificate = msgspec.structs.replace(certificate, **change)
    return one.authenticate(Request(certificate=certificate, secure=True))


@pytest.mark.parametrize(
    "name, found",
    [
        ("common_name", "shop"),
        ("subject", "CN=shop,O=Acme"),
        ("dns", "b.example"),
        ("uri", "spiffe://acme/shop"),
        ("email", "a@shop.example"),
        ("ip", "10.0.0.1"),
        ("fingerprint", "ab12"),
    ],
)
def test_a_name_is_taken_from_where_it_is(name: str, found: str) -> None:
    """Each part of a certificate may hold the name; the identity ends with the certificate."""
    identity = ask(made(name=name, accepted=[found]))
    assert (identity.id, identity.scheme, identity.expires) == (found, "mtls", 4e9)
    assert identity.claims["serial"] == "1f"


def test_a_star_stands_for_one_part() -> None:
    """It takes no dot, slash, comma or at, and nothing else is a pattern."""
    for name, accepted, fits in [
        ("dns", "*.shop.example", True),
        ("dns", "*.example", True),
        ("dns", "*.shop", False),
        ("dns", "a.*", False),
        ("dns", "a.sh.p.example", False),
        ("dns", "a.shop.exampl.", False),
        ("uri", "spiffe://acme/*", True),
        ("uri", "spiffe://*", False),
        ("email", "*@shop.example", True),
        ("email", "*", False),
        ("subject", "CN=*", False),
        ("common_name", "*", True),
        ("common_name", "SHOP", False),
        ("common_name", "sho", False),
    ]:
        one = made(name=name, accepted=[accepted])
        if fits:
            assert ask(one)
        else:
            with pytest.raises(Refused, match="names nobody"):
                ask(one)


def test_a_name_may_be_a_consumers() -> None:
    """The consumer is then who calls, with all that is known of it; it has the first word."""
    one = made(name="dns", accepted=["*.shop.example"], consumers={"b.example": "shop"})
    found = ask(one)
    assert (found.id, found.consumer, found.plan, found.scopes) == (
        "shop",
        "shop",
        "gold",
        ("write",),
    )
    assert found.expires == 4e9
    with pytest.raises(Refused, match="not known here"):
        ask(made(consumers={"shop": "gone"}))


def test_who_is_not_named_is_refused() -> None:
    """A verified certificate is not enough: its name must be one that is taken."""
    one = made(consumers={"other": "shop"})
    with pytest.raises(Refused, match="names nobody"):
        ask(one)
    for name in ("common_name", "dns", "uri", "fingerprint", "subject"):
        empty = Certificate(subject="")
        with pytest.raises(Refused, match="names nobody"):
            ask(made(name=name, accepted=["*"]), empty)
    with pytest.raises(Refused, match="names nobody"):
        ask(made(accepted=["*"]), common_name="a\nb")


def test_issuer_and_end_count() -> None:
    """Another issuer, or an end that came while the connection was open, is refused."""
    one = made(accepted=["shop"], issuers=["CN=clients,O=Acme"])
    assert ask(one)
    with pytest.raises(Refused, match="issuer"):
        ask(one, issuer="CN=servers,O=Acme")
    with pytest.raises(Refused, match="expired"):
        ask(one, expires=1.0)


async def test_without_a_certificate_another_is_asked() -> None:
    """It tells what it takes, and challenges in words of its own."""
    one = made(accepted=["shop"], realm="r")
    assert ask(one, None) is None
    assert one.challenge(None) == 'ClientCertificate realm="r"'
    assert one.challenge(Refused("no")).endswith(', error_description="no"')
    assert one.settings()["accepted"] == "shop"
    assert one.credentials.headers == frozenset()
    assert repr(one) == "<MtlsAuthenticator partners>"
    await one.close()
