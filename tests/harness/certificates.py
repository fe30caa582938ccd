"""Certificates of an authority of the test's own, real ones, made in milliseconds."""

import datetime as dt
import ipaddress
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Issued:
    """A certificate and its key, as PEM files ``NAME.pem`` and ``NAME.key``."""

    def __init__(self, folder: Path, name: str, certificate: x509.Certificate, key: bytes) -> None:
        self.certificate = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.key.write_bytes(key)
        self.key.chmod(0o600)


class Authority:
    """Signs certificates; ``file`` is its own, in PEM."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.folder = folder
        self.file = folder / f"{name}.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        whole = self._builder(self._name, self._key.public_key(), days=10)
        whole = whole.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        signed = whole.sign(self._key, hashes.SHA256())
        self.file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def issue(
        self,
        name: str,
        *,
        sans: Sequence[x509.GeneralName] = (),
        file: str = "",
        days: float = 1,
        client: bool = False,
    ) -> Issued:
        """Sign one for ``name``, good for 127.0.0.1 and localhost if it is no client's.

        ``days`` may be negative, for one that is over.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "queuegate, tests"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
        local = [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.IPv4Address("127.0.0.1")),
        ]
        usage = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        builder = self._builder(x509.Name(subject), key.public_key(), days)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        names = [*sans] if client else [*sans, *local]
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return Issued(self.folder, file or name, builder.sign(self._key, hashes.SHA256()), pem)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, days: float
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=30))
            .not_valid_after(now + dt.timedelta(days=days))
        )
