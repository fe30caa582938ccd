"""What stands at the public port is made from the route file, and anew at a reload."""

import time
from pathlib import Path

import pytest

from ingress import routefile
from ingress.guard.guard import Guard
from ingress.problems import ConfigError
from tests.harness.certificates import Authority

ROUTES = "\nroutes: [{route: GET /x, operation: a.b}]"


class Log:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, level: str, text: str) -> None:
        self.lines.append(f"{level} {text}")


def take(guard: Guard, text: str) -> None:
    guard.take(routefile.parse((text + ROUTES).encode(), environment={}))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def guard(tmp_path: Path, log: Log) -> Guard:
    return Guard(tmp_path, log)


def test_it_is_plain_http_where_nothing_is_said(guard: Guard, log: Log) -> None:
    """With the usual bounds."""
    take(guard, "")
    assert (guard.scheme, guard.context) == ("http", None)
    guard.look()
    assert log.lines == []


def test_new_settings_are_for_new_connections(guard: Guard) -> None:
    """The entrance is another one, the crowd is the same."""
    take(guard, "connections: {max: 7, header_timeout: 1s}")
    before = guard.entrance
    assert (guard.crowd.most, before.limits.header_timeout) == (7, 1.0)
    take(guard, "connections: {max: 8, header_timeout: 2s}\nallowed_hosts: [a]")
    assert guard.entrance is not before
    assert guard.entrance.crowd is before.crowd
    assert (guard.crowd.most, guard.entrance.limits.header_timeout) == (8, 2.0)


def test_no_credential_is_remembered_whatever_its_field_is_called(guard: Guard) -> None:
    """Neither of a stranger nor behind a proxy, and from a reload on that names the field."""
    request = b"GET /x HTTP/1.1\r\nHost: a\r\nX-Shop-Key: s3cret\r\n\r\n"
    for text, known in (("", 2), ("auth: {shop: {key: {header: X-Shop-Key}}}", 1)):
        take(guard, text)
        for trusted in (False, True):
            reader = guard.entrance.reader(trusted=trusted)
            assert reader.read(request) is not None
            assert repr(reader) == f"<HeadReader {known} lines known>"


@pytest.mark.parametrize(
    "text,message",
    [
        ("tls: {certificate: a.pem, key: a.key}", "tls.certificate: .*a.pem: no such file"),
        ("tls: {certificate: one.pem, key: one.key, client: required}", "need each other"),
        ("tls: {certificate: one.pem, key: one.key, client_ca: one.pem}", "need each other"),
        (
            "trusted_proxies: {networks: [10.0.0.0/8], headers: [forwarded, x-forwarded-for]}",
            "trusted_proxies.headers: .*may say two things",
        ),
    ],
)
def test_what_cannot_be_is_told_with_its_line_and_changes_nothing(
    text: str, message: str, guard: Guard, tmp_path: Path
) -> None:
    """Also what only reading the files can find."""
    Authority(tmp_path).issue("one")
    take(guard, "connections: {max: 7}")
    before = guard.entrance
    with pytest.raises(ConfigError, match=message):
        take(guard, f"{text}\nconnections: {{max: 8}}")
    assert guard.entrance is before
    assert guard.crowd.most == 7


def test_a_certificate_that_changed_is_taken_by_itself(
    guard: Guard, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong one is told of once, and the old one stays."""
    clock = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    authority = Authority(tmp_path)
    issued = authority.issue("one", days=100)
    take(guard, "tls: {certificate: one.pem, key: one.key}")
    assert guard.scheme == "https"
    guard.look()
    assert log.lines == []
    authority.issue("one", days=3.5)
    guard.look()  # too soon to look again
    assert log.lines == []
    clock += 1.1
    guard.look()
    assert log.lines == [
        f"INFO took the new certificate {issued.certificate}",
        f"WARNING the certificate {issued.certificate} ends in 3 days",
    ] or log.lines[1].endswith("ends in 4 days")
    log.lines.clear()
    issued.key.write_text("nonsense")
    for _ in range(3):
        clock += 1.1
        guard.look()
    assert len(log.lines) == 1
    assert "ERROR the new certificate cannot be served with" in log.lines[0]


def test_tls_neither_comes_nor_goes_in_a_process(guard: Guard, log: Log, tmp_path: Path) -> None:
    """Clients would speak one thing and the port another; it is said."""
    Authority(tmp_path).issue("one", days=100)
    take(guard, "")
    take(guard, "tls: {certificate: one.pem, key: one.key}")
    assert guard.context is None
    assert "when the gateway is started again" in log.lines[0]


def test_a_certificate_that_is_over_is_told_of(guard: Guard, log: Log, tmp_path: Path) -> None:
    """It is served all the same: to stop would help nobody."""
    Authority(tmp_path).issue("one", days=-1)
    take(guard, "tls: {certificate: one.pem, key: one.key}")
    assert guard.context is not None
    assert log.lines[0].endswith("has ended")
