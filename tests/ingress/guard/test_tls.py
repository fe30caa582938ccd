"""TLS with real handshakes: certificates change while it serves, and clients show theirs."""

import asyncio
import os
import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from contracts.call import Reply
from ingress.flow import Flow
from ingress.guard.tls import Client, Paper, Tls, TlsError
from tests.harness.certificates import Authority, Issued
from tests.ingress import door as doors
from tests.ingress.door import Door, opened, plan

ASK = b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(autouse=True, params=["short", "long"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test hold for the short way to the edge and for the long one."""
    monkeypatch.setattr(doors, "SHORT_WAY", request.param == "short")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def tell(flow: Flow) -> Reply:
    """Say who is there, and what the worker is told."""
    name = flow.certificate.common_name if flow.certificate else "nobody"
    proto = flow.call.header("x-forwarded-proto")
    return Reply(body=f"{name} {flow.secure} {proto}!".encode())


def paper(issued: Issued, authority: Authority, client: Client = "none") -> Paper:
    return Paper(
        certificate=issued.certificate,
        key=issued.key,
        client_ca=None if client == "none" else authority.file,
        client=client,
    )


def trusting(authority: Authority, client: Issued | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.file))
    if client:
        context.load_cert_chain(client.certificate, client.key)
    return context


class Line:
    """A connection of TLS, to ask by again and again."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, door: Door, context: ssl.SSLContext) -> "Line":
        pair = await asyncio.open_connection(
            "127.0.0.1", door.port, ssl=context, server_hostname="localhost"
        )
        return cls(*pair)

    @property
    def name(self) -> str:
        """Whom the server's certificate names."""
        der = self.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        subject = x509.load_der_x509_certificate(der).subject
        return str(subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)

    async def ask(self) -> str:
        self.writer.write(ASK)
        answer = await asyncio.wait_for(self.reader.readuntil(b"!"), 5)
        return answer.rpartition(b"\r\n")[2].decode()

    async def close(self) -> None:
        self.writer.transport.abort()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)


async def ask(door: Door, context: ssl.SSLContext) -> str:
    line = await Line.open(door, context)
    try:
        return await line.ask()
    finally:
        await line.close()


async def test_a_request_by_https_is_known_as_one(authority: Authority) -> None:
    """To the policies, and to the worker."""
    tls = Tls(paper(authority.issue("one"), authority))
    async with opened(tell, plan("GET /x"), tls=tls.context) as door:
        assert await ask(door, trusting(authority)) == "nobody True https!"


async def test_a_client_is_known_by_its_certificate(authority: Authority) -> None:
    """Verified by the handshake; without one it is nobody, where that is allowed."""
    ann = authority.issue("ann", client=True)
    tls = Tls(paper(authority.issue("one"), authority, "optional"))
    async with opened(tell, plan("GET /x"), tls=tls.context) as door:
        assert await ask(door, trusting(authority, ann)) == "ann True https!"
        assert await ask(door, trusting(authority)) == "nobody True https!"


async def test_who_must_show_a_certificate_has_no_way_around(
    authority: Authority, tmp_path: Path
) -> None:
    """None, one of another authority, one that is over and a server's one are refused."""
    stranger = Authority(tmp_path, "stranger").issue("ann", file="stranger-ann", client=True)
    over = authority.issue("ann", file="over", days=-1, client=True)
    server = authority.issue("one")
    tls = Tls(paper(server, authority, "required"))
    async with opened(tell, plan("GET /x"), tls=tls.context) as door:
        for client in (None, stranger, over, server):
            with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
                await ask(door, trusting(authority, client))
        ann = authority.issue("ann", client=True)
        assert await ask(door, trusting(authority, ann)) == "ann True https!"
        assert len(door.flows) == 1


async def test_a_new_certificate_is_shown_to_whom_comes_next(authority: Authority) -> None:
    """Old connections go on, with the one that they began with."""
    tls = Tls(paper(authority.issue("one", file="server"), authority))
    async with opened(tell, plan("GET /x"), tls=tls.context) as door:
        old = await Line.open(door, trusting(authority))
        assert (old.name, await old.ask()) == ("one", "nobody True https!")
        authority.issue("two", file="server")
        assert tls.changed
        tls.renew()
        assert not tls.changed
        new = await Line.open(door, trusting(authority))
        assert (old.name, await old.ask()) == ("one", "nobody True https!")
        assert (new.name, await new.ask()) == ("two", "nobody True https!")
        await old.close()
        await new.close()


async def test_a_new_authority_of_clients_takes_the_place_of_the_old_one(
    authority: Authority, tmp_path: Path
) -> None:
    """Whom the old one has signed is refused from then on."""
    other = Authority(tmp_path, "other")
    server = authority.issue("one")
    tls = Tls(paper(server, authority, "required"))
    ann = trusting(authority, authority.issue("ann", client=True))
    bob = trusting(authority, other.issue("bob", client=True))
    async with opened(tell, plan("GET /x"), tls=tls.context) as door:
        assert await ask(door, ann) == "ann True https!"
        tls.renew(paper(server, other, "required"))
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await ask(door, ann)
        assert await ask(door, bob) == "bob True https!"
        tls.renew(paper(server, other, "none"))
        assert await ask(door, trusting(authority)) == "nobody True https!"


@pytest.mark.parametrize("client", ["none", "optional", "required"])
async def test_tickets_are_given_where_nobody_shows_a_certificate(
    authority: Authority, client: Client
) -> None:
    """After a renewal as well; HTTP/1.1 is agreed on either way."""
    tls = Tls(paper(authority.issue("one"), authority))
    tls.renew(paper(authority.issue("one"), authority, client))
    trust = trusting(authority, authority.issue("ann", client=True))
    trust.maximum_version = ssl.TLSVersion.TLSv1_2  # its session is there after the handshake
    trust.set_alpn_protocols(["h2", "http/1.1"])
    async with opened(tell, plan("GET /x"), tls=tls.context) as door:
        line = await Line.open(door, trust)
        connection = line.writer.get_extra_info("ssl_object")
        assert connection.selected_alpn_protocol() == "http/1.1"
        assert connection.session.has_ticket is (client == "none")
        await line.close()


# The server remembers the session, and the client shows but its name.
REMEMBERED = "TLSv1_2 without tickets"


class Resumer:
    """A client that begins with the session that it had before, if it has one."""

    def __init__(self, trust: ssl.SSLContext, version: str) -> None:
        self.trust = trust
        trust.maximum_version = ssl.TLSVersion[version.partition(" ")[0]]
        if version == REMEMBERED:
            trust.options |= ssl.OP_NO_TICKET
        self.session: ssl.SSLSession | None = None

    async def ask(self, door: Door) -> tuple[str, bool]:
        """Give the answer, and whether the session went on. Raises what the line does."""
        return await asyncio.wait_for(asyncio.to_thread(self._ask, door.port), 5)

    def _ask(self, port: int) -> tuple[str, bool]:
        with (
            socket.create_connection(("127.0.0.1", port), 5) as plain,
            self.trust.wrap_socket(
                plain, server_hostname="localhost", session=self.session
            ) as line,
        ):
            line.sendall(ASK)
            answer = b""
            while not answer.endswith(b"!"):
                part = line.recv(4096)
                if not part:
                    raise ConnectionResetError
                answer += part
            self.session = line.session
            return answer.rpartition(b"\r\n")[2].decode(), bool(line.session_reused)


@pytest.mark.parametrize("version", ["TLSv1_2", REMEMBERED, "TLSv1_3"])
@pytest.mark.parametrize("demand", ["optional", "required"])
async def test_a_session_from_before_clients_were_asked_for_certificates_is_over(
    authority: Authority,
    version: str,
    demand: Client,
) -> None:
    """It would go on without one, so the client is refused or begins anew."""
    server = authority.issue("one")
    tls = Tls(paper(server, authority))
    client = Resumer(trusting(authority), version)
    async with opened(tell, plan("GET /x"), tls=tls.context) as door:
        assert await client.ask(door) == ("nobody True https!", False)
        tls.renew()
        assert await client.ask(door) == ("nobody True https!", True)
        tls.renew(paper(server, authority, demand))
        if demand == "required":
            for _ in range(2):
                with pytest.raises((ssl.SSLError, ConnectionError)):
                    await client.ask(door)
        ann = authority.issue("ann", client=True)
        client.trust.load_cert_chain(ann.certificate, ann.key)
        if demand == "optional" and version == REMEMBERED:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await client.ask(door)
        assert await client.ask(door) == ("ann True https!", False)


async def test_a_session_of_nobody_is_over_once_certificates_are_required(
    authority: Authority,
) -> None:
    """Where one could be shown already, and was not."""
    server = authority.issue("one")
    tls = Tls(paper(server, authority, "optional"))
    client = Resumer(trusting(authority), REMEMBERED)
    async with opened(tell, plan("GET /x"), tls=tls.context) as door:
        assert await client.ask(door) == ("nobody True https!", False)
        tls.renew(paper(server, authority, "required"))
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await client.ask(door)


async def test_a_session_of_whom_a_new_authority_does_not_know_is_over(
    authority: Authority, tmp_path: Path
) -> None:
    """It would go on with a certificate that is trusted no more; others are resumed."""
    server = authority.issue("one")
    tls = Tls(paper(server, authority, "required"))
    ann = trusting(authority, authority.issue("ann", client=True))
    client = Resumer(ann, REMEMBERED)
    async with opened(tell, plan("GET /x"), tls=tls.context) as door:
        assert await client.ask(door) == ("ann True https!", False)
        tls.renew()
        assert await client.ask(door) == ("ann True https!", True)
        tls.renew(paper(server, Authority(tmp_path, "other"), "required"))
        for _ in range(2):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await client.ask(door)


async def test_old_versions_are_refused(authority: Authority) -> None:
    """TLS 1.2 is the least, or 1.3 where the route file says so."""
    given = paper(authority.issue("one"), authority)
    tls = Tls(given)
    old = trusting(authority)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    async with opened(tell, plan("GET /x"), tls=tls.context) as door:
        assert await ask(door, old) == "nobody True https!"
        tls.renew(
            Paper(certificate=given.certificate, key=given.key, min_version="TLS1.3"),
        )
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await ask(door, old)
        assert await ask(door, trusting(authority)) == "nobody True https!"


async def test_who_speaks_no_tls_gets_no_answer(authority: Authority) -> None:
    """And nothing reaches the edge."""
    tls = Tls(paper(authority.issue("one"), authority))
    async with opened(tell, plan("GET /x"), tls=tls.context) as door:
        assert not (await door.raw(ASK)).startswith(b"HTTP/")
        assert door.flows == []


def test_files_that_do_not_fit_are_refused_and_change_nothing(
    authority: Authority, tmp_path: Path
) -> None:
    """Each with the setting that is wrong; what was served before is served on."""
    one, two = authority.issue("one"), authority.issue("two")
    bad = tmp_path / "bad.pem"
    bad.write_text("nonsense")
    tls = Tls(paper(one, authority))
    wrong = [
        (Paper(certificate=one.certificate, key=two.key), "key", "another certificate"),
        (Paper(certificate=one.certificate, key=bad), "key", "no key in PEM"),
        (Paper(certificate=bad, key=one.key), "certificate", "no certificate"),
        (Paper(certificate=tmp_path / "none", key=one.key), "certificate", "no such file"),
        (Paper(certificate=one.certificate, key=tmp_path / "none"), "key", "no such file"),
        (
            Paper(certificate=one.certificate, key=one.key, client_ca=bad, client="required"),
            "client_ca",
            "no certificates",
        ),
        (Paper(certificate=one.certificate, key=one.key, ciphers="X"), "ciphers", "none of these"),
    ]
    for given, key, message in wrong:
        with pytest.raises(TlsError, match=message) as caught:
            tls.renew(given)
        assert caught.value.key == key
        with pytest.raises(TlsError):
            Tls(given)
    assert tls.paper.certificate == one.certificate


def test_a_link_that_is_set_to_another_file_is_a_change(
    authority: Authority, tmp_path: Path
) -> None:
    """As orchestrators hand out new secrets."""
    one, two = authority.issue("one"), authority.issue("two")
    certificate, key = tmp_path / "link.pem", tmp_path / "link.key"
    certificate.symlink_to(one.certificate)
    key.symlink_to(one.key)
    tls = Tls(Paper(certificate=certificate, key=key))
    assert not tls.changed
    for link, target in ((certificate, two.certificate), (key, two.key)):
        (tmp_path / "new").symlink_to(target)
        os.replace(tmp_path / "new", link)  # noqa: PTH105 - the call that is atomic, as they use it
    assert tls.changed
    tls.forget_change()
    assert not tls.changed
    key.unlink()
    assert tls.changed
