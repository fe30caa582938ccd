"""Authorization and protection from the route file to the answer, the journal and the metrics."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest

from ingress.journal.filter import Filter
from ingress.journal.record import Record
from ingress.journal.sqlite.reader import SqliteReader
from tests.harness.waiting import eventually
from tests.ingress.embedded_broker import House, lived_in
from workers.context import Context
from workers.service import Service

KEY = "a-key-of-anna-that-nobody-else-has"
ORIGIN = {"origin": "https://app.example"}
ROUTES = """
journal: {}
default_deny: true
auth: {partners: {key: {header: x-api-key}}}
consumers: {anna: {keys: ["${ANNA_KEY}"], scopes: [read], groups: [staff]}}
defaults: {auth: partners, allow: known, journal: full, cors: {origins: ["https://app.example"]}}
routes:
  - {route: GET /open, operation: test.who, auth: off, allow: anyone}
  - {route: GET /known, operation: test.who}
  - {route: GET /write, operation: test.who, allow: {scopes: [write]}}
  - {route: GET /when, operation: test.who, allow: {when: "claims.nothing == 1"}}
  - {route: GET /net, operation: test.who, ip: {deny: [127.0.0.0/8]}}
  - {route: POST /deep, operation: test.who, json_limits: {depth: 2}}
"""


def service() -> Service:
    test = Service("test")

    @test.operation()
    async def who(ctx: Context) -> dict[str, object]:
        return {"id": ctx.caller.id, "groups": ctx.caller.groups}

    return test


def records(house: House) -> list[Record]:
    with contextlib.closing(SqliteReader(house.config.parent / "journal.db")) as reader:
        return list(reader.find(Filter()))


REFUSED = {
    "/known": ("auth", 401, "unauthenticated"),
    "/write": ("allow", 403, "forbidden"),
    "/when": ("allow", 403, "forbidden"),
    "/net": ("ip", 403, "forbidden"),
    "/deep": ("json_limits", 422, "invalid_body"),
}


async def refusals(client: httpx.AsyncClient) -> dict[str, httpx.Response]:
    mine = {"x-api-key": KEY, **ORIGIN}
    return {
        "/known": await client.get("/known", headers=ORIGIN),
        "/write": await client.get("/write", headers=mine),
        "/when": await client.get("/when", headers=mine),
        "/net": await client.get("/net", headers=mine),
        "/deep": await client.post("/deep", headers=mine, content="[[[1]]]"),
    }


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A gateway with these routes, and its worker."""
    monkeypatch.setenv("ANNA_KEY", KEY)
    async with lived_in(tmp_path, service(), ROUTES) as house, house.client() as client:

        async def up() -> bool:
            return (await client.get("/open")).status_code == 200

        await eventually(up)
        yield house


async def test_who_may_is_known_to_the_worker(house: House) -> None:
    """With the groups that the file gives."""
    async with house.client() as client:
        answer = await client.get("/known", headers={"x-api-key": KEY})
    assert answer.json() == {"id": "anna", "groups": ["staff"]}


async def test_each_refusal_is_a_problem_that_a_page_may_read(house: House) -> None:
    """With one code, and what is missing."""
    async with house.client() as client:
        answers = await refusals(client)
    for path, (_, status, code) in REFUSED.items():
        answer = answers[path]
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["access-control-allow-origin"] == ORIGIN["origin"]
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answers["/write"].json()["detail"] == "the scope write is missing"
    assert answers["/when"].json()["detail"] == "a condition of this route is not met"


async def test_each_refusal_is_counted_and_written_down_with_its_code(house: House) -> None:
    """In the metric, the log line and the journal, with who refused; the key is in none."""
    async with house.client() as client, house.admin() as admin:
        await refusals(client)
        metrics = (await admin.get("/metrics")).text
    await eventually(lambda: sum(one.path in REFUSED for one in records(house)) == len(REFUSED))
    await eventually(lambda: "POST /deep 422" in house.log.getvalue())
    written = {one.path: (one.answered_by, one.status, one.code) for one in records(house)}
    log = house.log.getvalue()
    for path, (policy, status, code) in REFUSED.items():
        route = f"POST {path}" if path == "/deep" else f"GET {path}"
        assert written[path] == (policy, status, code)
        assert f'{{code="{code}",route="{route}",status="{status}"}} 1' in metrics
        assert f"{route} {status} {code}" in log
    assert "a condition cannot be judged, so it refuses: KeyError" in log
    assert KEY not in log + str([msgspec.to_builtins(one) for one in records(house)])
