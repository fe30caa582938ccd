"""A client's certificate, as a record."""

import hashlib
import ipaddress
import time
from pathlib import Path

import pytest
from cryptography import x509

from ingress.guard import certificate
from tests.harness.certificates import Authority


def test_it_says_whom_the_authority_knows(tmp_path: Path) -> None:
    """Subject, issuer, and the alternative names with their kinds, in their order."""
    sans = [
        x509.UniformResourceIdentifier("spiffe://shop/cart"),
        x509.DNSName("cart.example"),
        x509.RFC822Name("ann@shop.example"),
        x509.IPAddress(ipaddress.IPv6Address("::1")),
        x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
    ]
    issued = Authority(tmp_path).issue("ann", sans=sans, client=True)
    read = certificate.read(issued.der)
    assert read.subject == "CN=ann,O=queuegate\\, tests"
    assert (read.issuer, read.common_name) == ("CN=authority", "ann")
    assert read.sans == (
        "URI:spiffe://shop/cart",
        "DNS:cart.example",
        "EMAIL:ann@shop.example",
        "IP:::1",
    )
    assert read.fingerprint == hashlib.sha256(issued.der).hexdigest()
    assert int(read.serial, 16) > 0
    assert 0 < read.expires - time.time() < 86_401


def test_one_may_have_no_alternative_names(tmp_path: Path) -> None:
    """The subject is all that it says then."""
    issued = Authority(tmp_path).issue("bob", client=True)
    assert certificate.read(issued.der).sans == ()


def test_what_is_no_certificate_is_refused() -> None:
    """The handshake lets nothing else through; a crash here would be ours."""
    with pytest.raises(ValueError, match="parsing"):
        certificate.read(b"nonsense")
