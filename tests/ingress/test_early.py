"""Answers to requests that come to no policy, and what a browser makes of them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

import httpx
import pytest

from contracts.call import Reply
from contracts.fault import Fault
from ingress import routefile
from ingress.compile import compile_plans, compile_strangers
from ingress.flow import Flow
from tests.harness.chromium import text_of
from tests.ingress import door as doors
from tests.ingress.door import Door, opened

APP = "http://localhost:{port}"
ROUTES = """\
defaults:
  security_headers: {{}}
  cors: {{origins: ['{app}'], credentials: true, expose: [x-own, x-request-id]}}
routes:
  - {{route: GET /read, operation: s.read}}
  - {{route: PUT /write, operation: s.write, max_body: 10B}}
  - {{route: GET /slow, operation: s.busy}}
  - {{route: GET /login, operation: s.login}}
  - {{route: GET /open, operation: s.read, cors: {{origins: ['*'], credentials: false}}}}
  - {{route: GET /closed, operation: s.read, cors: off, security_headers: off}}
  - {{route: ANY /any, operation: s.read}}
"""


@pytest.fixture(autouse=True, params=["short", "long"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test hold for the short way to the edge and for the long one."""
    monkeypatch.setattr(doors, "SHORT_WAY", request.param == "short")


async def work(flow: Flow) -> Reply:
    """Answer as a worker does that has words of its own on who may read."""
    if flow.call.operation == "s.busy":
        raise Fault("rate_limited")
    if flow.call.operation == "s.login":
        raise Fault("unauthenticated")
    stray = ("access-control-allow-origin", "https://evil.example")
    return Reply(headers=(stray, ("x-own", "1"), ("vary", "accept")), body=b"hello")


@asynccontextmanager
async def served(app: str) -> AsyncIterator[Door]:
    route_file = routefile.parse(ROUTES.format(app=app).encode(), environment={})
    strangers = compile_strangers(route_file)
    async with opened(work, *compile_plans(route_file), strangers=strangers) as door:
        yield door


async def ask(method: str, path: str, **headers: str) -> httpx.Response:
    async with served("https://app.example") as door, door.client() as client:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.request(method, path, headers=fields, content=b"x" * 20)


MINE = {"origin": "https://app.example"}


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/read", 200),
        ("GET", "/login", 401),
        ("GET", "/nowhere", 404),
        ("DELETE", "/read", 405),
        ("PUT", "/write", 413),
        ("GET", "/slow", 429),
    ],
)
async def test_whatever_is_answered_says_who_may_read_it(
    method: str, path: str, status: int
) -> None:
    """Also where no policy was asked, and never the worker's own word."""
    answer = await ask(method, path, **MINE)
    assert answer.status_code == status
    assert answer.headers.get_list("access-control-allow-origin") == [MINE["origin"]]
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "origin" in answer.headers["vary"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_unknown_path_gives_a_stranger_nothing() -> None:
    """What defaults allow is for the origins that they name."""
    answer = await ask("GET", "/nowhere", origin="https://evil.example")
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["vary"] == "origin"


@pytest.mark.parametrize("path, method", [("/write", "PUT"), ("/any", "PURGE"), ("/read", "HEAD")])
async def test_a_preflight_is_answered_for_the_method_that_it_asks_about(
    path: str, method: str
) -> None:
    """Whether a route takes OPTIONS itself or not, and never by a worker."""
    asks = {**MINE, "access_control_request_method": method}
    answer = await ask("OPTIONS", path, **asks)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-methods"] == method
    assert answer.headers["access-control-allow-origin"] == MINE["origin"]


@pytest.mark.parametrize("path, method", [("/write", "DELETE"), ("/nowhere", "GET"), ("/a", "")])
async def test_a_preflight_for_what_is_not_there_permits_nothing(path: str, method: str) -> None:
    """No method is allowed that no route takes."""
    answer = await ask("OPTIONS", path, **MINE, access_control_request_method=method)
    assert "access-control-allow-methods" not in answer.headers


async def test_a_route_without_cors_keeps_its_mouth_shut() -> None:
    """Off for a route is off, whatever defaults say; and a plain OPTIONS stays what it was."""
    closed = await ask("GET", "/closed", **MINE)
    assert closed.headers["access-control-allow-origin"] == "https://evil.example"
    plain = await ask("OPTIONS", "/read")
    assert (plain.status_code, plain.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


PAGE = """<pre id=o></pre><script>
const base = "http://127.0.0.1:%d", said = {};
async function ask(name, path, options) {
  try {
    const answer = await fetch(base + path, options);
    said[name] = [answer.status, answer.headers.get("x-own"), (await answer.text()).length > 0];
  } catch (error) { said[name] = error.name; }
}
(async () => {
  const sends = {method: "PUT", headers: {"x-api-key": "k", "content-type": "application/json"}};
  await ask("read", "/read", {});
  await ask("with cookies", "/read", {credentials: "include"});
  await ask("write", "/write", {...sends, body: "{}"});
  await ask("too large", "/write", {...sends, body: '{"a":"0123456789"}'});
  await ask("login", "/login", {headers: {authorization: "Bearer x"}});
  await ask("slow", "/slow", {});
  await ask("nowhere", "/nowhere", {});
  await ask("purge", "/any", {method: "PURGE"});
  await ask("open", "/open", {});
  await ask("open with cookies", "/open", {credentials: "include"});
  await ask("closed", "/closed", {});
  await ask("no such method", "/read", {method: "DELETE"});
  document.getElementById("o").textContent = JSON.stringify(said);
})();
</script>"""


async def what_a_page_reads(door: Door, page_host: str, page: asyncio.Server) -> dict[str, Any]:
    port = page.sockets[0].getsockname()[1]
    document = await text_of(f"http://{page_host}:{port}/?{door.port}")
    (found,) = re.findall(r"<pre id=\"o\">(.*?)</pre>", document)
    said: dict[str, Any] = json.loads(unescape(found))
    return said


@asynccontextmanager
async def page_server() -> AsyncIterator[asyncio.Server]:
    """Serve the page to whatever host name it is asked by."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser opens connections ahead, and may never use them.
        port = re.search(rb"\?(\d+)", await reader.readline())
        body = (PAGE % int(port[1])).encode() if port else b""
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n"
        writer.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server


REFUSED = "TypeError"
# To a browser http://localhost and http://127.0.0.1 are two origins, and the gateway is the latter.
READ_BY_THE_APP = {
    "read": [200, "1", True],
    "with cookies": [200, "1", True],
    "write": [200, "1", True],
    "too large": [413, None, True],
    "login": [401, None, True],
    "slow": [429, None, True],
    "nowhere": [404, None, True],
    "purge": [200, "1", True],
    "open": [200, "1", True],
    "open with cookies": REFUSED,
    "closed": REFUSED,
    "no such method": REFUSED,
}


@pytest.mark.timeout(300)  # Chromium may have to be installed
async def test_a_real_browser_lets_the_page_read_what_it_may() -> None:
    """Chromium sends the preflights and the cookies, and is the judge of our answers."""
    async with page_server() as page:
        port = page.sockets[0].getsockname()[1]
        async with served(APP.format(port=port)) as door:
            assert await what_a_page_reads(door, "localhost", page) == READ_BY_THE_APP


@pytest.mark.timeout(300)  # as above
async def test_a_real_browser_keeps_a_strangers_page_out() -> None:
    """What is open to everybody is all that a page of another origin reads."""
    async with page_server() as page, served("https://app.example") as door:
        said = await what_a_page_reads(door, "localhost", page)
    assert {name for name, value in said.items() if value != REFUSED} == {"open"}
