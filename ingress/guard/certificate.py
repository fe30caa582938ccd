"""A client's certificate, once the handshake of TLS has verified it (RFC 5280)."""

from collections.abc import Mapping
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an authority that we trust says the client is.

    - ``subject`` and ``issuer`` are names as text (RFC 4514), ``CN=ann,O=shop``;
    - ``common_name`` is the first one of the subject, empty for none;
    - ``sans`` are the alternative names in the order of the certificate, each
      with its kind: ``DNS:a.example``, ``URI:spiffe://a/b``, ``EMAIL:a@b``,
      ``IP:10.0.0.1``. Other kinds are left out;
    - ``fingerprint`` is the SHA-256 of the whole certificate, in hex;
    - ``serial`` is in hex, ``expires`` in Unix seconds.
    """

    subject: str
    issuer: str = ""
    common_name: str = ""
    sans: tuple[str, ...] = ()
    fingerprint: str = ""
    serial: str = ""
    expires: float = 0.0


_KINDS: Final[Mapping[type[x509.GeneralName], str]] = {
    x509.DNSName: "DNS",
    x509.UniformResourceIdentifier: "URI",
    x509.RFC822Name: "EMAIL",
    x509.IPAddress: "IP",
}


def read(der: bytes) -> Certificate:
    """Read a certificate as it crossed the wire. Raises ``ValueError`` for what is none."""
    read_ = x509.load_der_x509_certificate(der)
    names = read_.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Certificate(
        subject=read_.subject.rfc4514_string(),
        issuer=read_.issuer.rfc4514_string(),
        common_name=str(names[0].value) if names else "",
        sans=_sans(read_),
        fingerprint=read_.fingerprint(hashes.SHA256()).hex(),
        serial=f"{read_.serial_number:x}",
        expires=read_.not_valid_after_utc.timestamp(),
    )


def _sans(read_: x509.Certificate) -> tuple[str, ...]:
    try:
        found = read_.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(f"{_KINDS[type(name)]}:{name.value}" for name in found if type(name) in _KINDS)
