"""TLS on the public port, with certificates that can be changed while it serves.

A server keeps the context that it was given, so that one stays; at the beginning of each handshake
it hands the connection to the context of the day. What is connected goes on with the certificate
that it began with.
"""

import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from cryptography import x509

Client = Literal["none", "optional", "required"]

_VERSIONS: Final = {"TLS1.2": ssl.TLSVersion.TLSv1_2, "TLS1.3": ssl.TLSVersion.TLSv1_3}
_MODES: Final = {
    "none": ssl.CERT_NONE,
    "optional": ssl.CERT_OPTIONAL,
    "required": ssl.CERT_REQUIRED,
}


class TlsError(ValueError):
    """The files or settings cannot be served with; ``key`` is the setting that is wrong."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """What TLS is made of: paths of PEM files, and what is asked of clients.

    ``certificate`` is the chain, the server's own first. ``ciphers`` is a list as OpenSSL has it,
    for TLS 1.2 alone; empty for the usual ones.
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None
    client: Client = "none"
    min_version: str = "TLS1.2"
    ciphers: str = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that it is made of."""
        return tuple(path for path in (self.certificate, self.key, self.client_ca) if path)


class Tls:
    """The TLS of one port: ``context`` is for the server, ``renew`` takes new files.

    Raises ``TlsError`` for what cannot be served with.
    """

    def __init__(self, paper: Paper) -> None:
        self.context = _context(paper)
        # The second in which clients began to be trusted as they are, once that changed.
        self._trusted_since = 0
        self._take(paper, self.context)
        self.context.sni_callback = self._choose

    def renew(self, paper: Paper | None = None) -> None:
        """Take new settings, or the same files anew; raises ``TlsError`` and keeps the old ones."""
        paper = paper or self.paper
        trusted = _trusted(self._current)
        self._take(paper, _context(paper))
        if _trusted(self._current) != trusted:
            self._trusted_since = int(time.time())
        # What is not chosen with the context of the day.
        self.context.minimum_version = _VERSIONS[paper.min_version]
        self.context.verify_mode = _MODES[paper.client]
        # A ticket of before clients were asked for certificates would go on without one.
        self.context.options = self._current.options
        self.context.num_tickets = self._current.num_tickets
        self.context.set_ciphers(":".join(one["name"] for one in self._current.get_ciphers()))

    def _take(self, paper: Paper, context: ssl.SSLContext) -> None:
        self.expires = expiry(paper.certificate)
        self._current, self.paper, self._seen = context, paper, _stamps(paper)

    @property
    def changed(self) -> bool:
        """Whether one of the files is another than when it was read."""
        return _stamps(self.paper) != self._seen

    def forget_change(self) -> None:
        """Look no more at files as they are now: they were wrong, which was said."""
        self._seen = _stamps(self.paper)

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _: object) -> int | None:
        connection.context = self._current
        if not connection.session_reused:
            return None
        session = connection.session
        if session is None or session.time <= self._trusted_since:
            # Whose certificate was asked for as it no longer is. The alert ends the session on both
            # sides (RFC 5246 section 7.2), so the next connection begins with a whole handshake.
            return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE
        return None

    def __repr__(self) -> str:
        days = (self.expires - time.time()) / 86_400
        return f"<Tls {self.paper.certificate} for {days:.1f} days, client {self.paper.client}>"


def part(connection: ssl.SSLObject) -> None:
    """End a connection that is lost, so that its session can still be resumed.

    OpenSSL forgets the session of a client that left without a word, as TLS 1.0 had it; nothing
    since then asks for that (RFC 5246 section 7.2.1), and many clients leave so.
    """
    with suppress(ssl.SSLError):
        connection.unwrap()


def expiry(certificate: Path) -> float:
    """Say when the server's certificate ends, in Unix seconds. Raises ``TlsError``."""
    data = _open("certificate", certificate, Path.read_bytes)
    try:
        return x509.load_pem_x509_certificates(data)[0].not_valid_after_utc.timestamp()
    except ValueError:
        raise TlsError("certificate", f"{certificate} holds no certificate in PEM") from None


def _context(paper: Paper) -> ssl.SSLContext:
    expiry(paper.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[paper.min_version]
    context.set_alpn_protocols(["http/1.1"])
    # A client might have us do the expensive part of a handshake again and again.
    context.options |= ssl.OP_NO_RENEGOTIATION
    if paper.ciphers:
        try:
            context.set_ciphers(paper.ciphers)
        except ssl.SSLError:
            raise TlsError("ciphers", "OpenSSL knows none of these ciphers") from None
    _open("key", paper.key, Path.read_bytes)
    try:
        # An empty password: nobody is there to type one.
        context.load_cert_chain(paper.certificate, paper.key, password="")
    except ssl.SSLError as error:
        raise TlsError("key", _why(paper.key, error)) from None
    if paper.client_ca is not None:
        _trust(context, paper.client_ca)
        context.verify_mode = _MODES[paper.client]
    if paper.client != "none":
        # A session that is resumed shows no certificate, so one that we trust no more would go on.
        context.num_tickets = 0
        context.options |= ssl.OP_NO_TICKET
    return context


def _trusted(context: ssl.SSLContext) -> tuple[object, ...]:
    """Tell whom a context trusts to be a client."""
    return context.verify_mode, context.get_ca_certs(binary_form=True)


def _trust(context: ssl.SSLContext, authorities: Path) -> None:
    _open("client_ca", authorities, Path.read_bytes)
    try:
        context.load_verify_locations(authorities)
    except ssl.SSLError:
        raise TlsError("client_ca", f"{authorities} holds no certificates in PEM") from None


def _open(key: str, path: Path, read: Callable[[Path], Any]) -> Any:  # noqa: ANN401 - what it reads
    try:
        return read(path)
    except OSError as error:
        raise TlsError(key, f"{path}: {(error.strerror or str(error)).lower()}") from None


def _why(key: Path, error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"{key} is the key of another certificate"
    return f"{key} holds no key in PEM that can be used without a password"


def _stamps(paper: Paper) -> tuple[object, ...]:
    """Tell the state of the files; links are followed, for orchestrators swap those."""
    stamps: list[object] = []
    for path in paper.files:
        try:
            stat = path.stat()
        except OSError:
            stamps.append(None)
        else:
            stamps.append((stat.st_mtime_ns, stat.st_ino, stat.st_size))
    return tuple(stamps)
