"""Asking a gateway's admin port."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingress import admin_token
from ingress.cli import admin_client
from tests.harness.ports import free_port
from tests.ingress.cli.conftest import Cli


class _Admin(BaseHTTPRequestHandler):
    """Says what it is told to say, and notes who asks."""

    answer = (200, b"{}")
    seen: list[str] = []  # noqa: RUF012 - one server, one list

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("authorization", ""))
        status, body = self.answer
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def admin() -> Iterator[str]:
    """The address of something that listens where an admin port should be."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Admin) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "answer, told",
    [
        ((401, b'{"title": "Who?", "detail": "a token is needed"}'), "401: a token is needed"),
        ((404, b'{"title": "Nothing is here"}'), "404: Nothing is here"),
        ((404, b"[]"), "404: "),
        ((200, b"<html>"), "no JSON: is this an admin port?"),
    ],
)
def test_a_refusal_is_told(cli: Cli, admin: str, answer: tuple[int, bytes], told: str) -> None:
    """In a sentence, with exit code 1."""
    _Admin.answer = answer
    said = cli("cache", "stats", "--admin", admin)
    assert said.code == 1
    assert told in said.err


def test_the_token_goes_along(cli: Cli, admin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a bearer token, from the environment, where others do not see it."""
    _Admin.answer = (401, b"{}")
    monkeypatch.setenv("ADMIN_TOKEN", "secret")
    cli("cache", "stats", "--admin", admin)
    assert _Admin.seen[-1] == "Bearer secret"


def test_what_a_gateway_left_for_this_user_is_the_token_here(cli: Cli, admin: str) -> None:
    """It goes to no other machine."""
    _Admin.answer = (401, b"{}")
    made = admin_token.find_or_make(admin_token.place())
    cli("cache", "stats", "--admin", admin)
    assert _Admin.seen[-1] == f"Bearer {made}"
    assert [admin_client._left(host) for host in ("127.0.0.1", "gateway.example")] == [made, ""]


def test_nobody_there_is_told(cli: Cli) -> None:
    """With what to do; an address that is none is bad usage."""
    said = cli("cache", "stats", "--admin", f"127.0.0.1:{free_port()}")
    assert said.code == 1
    assert "name its admin port with --admin" in said.err
    for wrong in ("ftp://here", "http://", "http://here:port"):
        assert cli("cache", "stats", "--admin", wrong).code == 2


def test_a_query_holds_what_was_said() -> None:
    """In its own letters, and nothing of what was left out."""
    path = admin_client.with_query("/v1/limits", limit="a&b", path="", top=5)
    assert path == "/v1/limits?limit=a%26b&top=5"
