"""Authentication from the route file to the worker, the journal and the metrics."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from contracts.call import Call
from contracts.stores import open_store
from ingress.consumers import passwords, token
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Known
from ingress.consumers.office import Office
from ingress.consumers.orders import ConsumerOrder, KeyOrder, PlanOrder
from ingress.consumers.roster import Roster
from ingress.journal.filter import Filter
from ingress.journal.record import Record
from ingress.journal.sqlite.reader import SqliteReader
from tests.harness.waiting import eventually
from tests.ingress.embedded_broker import House, lived_in
from workers.context import Context
from workers.service import Service

KEY = token.make()
ROUTES = """
journal: {}
auth:
  partners: {key: {header: x-partner, query: k}}
  others: {key: {header: authorization, forward: true}}
consumers:
  anna: {keys: ["${ANNA_KEY}"], scopes: [read]}
defaults: {auth: partners, journal: full}
routes:
  - {route: GET /who, operation: test.who}
  - {route: GET /kept, operation: test.who, auth: others}
  - {route: GET /open, operation: test.who, auth: off}
"""


class Seen(msgspec.Struct):
    """What the worker was shown."""

    caller: str
    scopes: tuple[str, ...]
    query: str
    headers: dict[str, str]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANNA_KEY", KEY)


@contextlib.asynccontextmanager
async def served(folder: Path, more: str = "", routes: str = ROUTES) -> AsyncIterator[House]:
    """Serve the routes with a worker that tells what it sees."""
    test = Service("test")

    @test.operation()
    async def who(ctx: Context) -> Seen:
        call: Call = ctx.call
        return Seen(call.caller.id, call.caller.scopes, call.query, dict(call.headers))

    async with lived_in(folder, test, routes + more) as house, house.client() as client:

        async def up() -> bool:
            return (await client.get("/open")).status_code == 200

        await eventually(up)
        yield house


async def test_the_worker_hears_who_calls_and_not_by_which_key(tmp_path: Path) -> None:
    """Unless the authenticator forwards it; a route that is off passes all that was sent."""
    async with served(tmp_path) as house, house.client() as client:
        by_header = (await client.get("/who?a=1", headers={"x-partner": KEY})).json()
        assert (by_header["caller"], by_header["scopes"]) == ("anna", ["read"])
        by_query = (await client.get(f"/who?a=1&k={KEY}&b=2")).json()
        assert (by_query["caller"], by_query["query"]) == ("anna", "a=1&b=2")
        assert KEY not in str((by_header, by_query))
        bearer = {"authorization": f"Bearer {KEY}"}
        assert (await client.get("/kept", headers=bearer)).json()["headers"] | bearer == (
            await client.get("/kept", headers=bearer)
        ).json()["headers"]
        off = (await client.get("/open", headers={"x-partner": "x"})).json()
        assert (off["caller"], off["headers"]["x-partner"]) == ("", "x")


async def test_a_refusal_has_one_code_everywhere(tmp_path: Path) -> None:
    """In the problem document, the metric, the log line and the journal; the key is in none."""
    wrong = token.make()
    async with served(tmp_path) as house, house.client() as client, house.admin() as admin:
        for answer in (
            await client.get(f"/who?k={wrong}"),
            await client.get("/who", headers={"x-partner": wrong}),
            await client.get("/who"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == (
                'ApiKey realm="queuegate", header="x-partner", query="k"'
            )
        metric = 'queuegate_requests_total{code="unauthenticated",route="GET /who",status="401"} 3'
        assert metric in (await admin.get("/metrics")).text
        await eventually(lambda: len(list(_refused(house))) == 3)
        # Lines are written in batches.
        line = "GET /who 401 unauthenticated"
        await eventually(lambda: house.log.getvalue().count(line) == 3)
        log = house.log.getvalue()
    assert wrong not in log
    for record in _refused(house):
        assert (record.code, record.answered_by, record.caller) == ("unauthenticated", "auth", "")
        assert wrong not in str(msgspec.to_builtins(record))


async def test_no_key_is_written_down_that_met_no_policy(tmp_path: Path) -> None:
    """Neither on a route without authentication nor where there is no route at all."""
    async with served(tmp_path) as house, house.client() as client:
        await client.get(f"/open?k={KEY}", headers={"x-partner": KEY})
        await client.get(f"/nowhere?k={KEY}", headers={"x-partner": KEY})
        await eventually(lambda: any(one.status == 404 for one in _records(house, Filter())))
        assert KEY not in house.log.getvalue()
        assert KEY not in str([msgspec.to_builtins(one) for one in _records(house, Filter())])


async def test_a_password_is_verified_while_others_are_served(tmp_path: Path) -> None:
    """And the worker does not get it."""
    hashed = await asyncio.to_thread(passwords.make, "open sesame")
    text = ROUTES.replace("auth:\n", "auth:\n  staff: {basic: {}}\n").replace(
        "scopes: [read]", f"scopes: [read], password: {hashed!r}"
    )
    text += "  - {route: GET /staff, operation: test.who, auth: [partners, staff]}\n"
    async with served(tmp_path, routes=text) as house:
        async with house.client() as client:
            answer = await client.get("/staff", auth=("anna", "open sesame"))
            assert (answer.status_code, answer.json()["caller"]) == (200, "anna")
            assert "authorization" not in answer.json()["headers"]
            refused = await client.get("/staff", auth=("anna", "sesame"))
            assert refused.status_code == 401
            assert refused.headers.get_list("www-authenticate") == [
                'ApiKey realm="queuegate", header="x-partner", query="k"',
                'Basic realm="queuegate", charset="UTF-8"',
            ]
        assert "sesame" not in house.log.getvalue()


async def test_a_key_of_the_store_serves_while_it_is_there(tmp_path: Path) -> None:
    """Issued beside the gateway, revoked beside it, and its last use is written down."""
    digests = Digests(["sixteen letters!"])
    store = open_store("sqlite:state.sqlite", tmp_path)
    office = Office(Roster(store), Known(), digests)
    await office.set_plan("narrow", PlanOrder(routes=("GET /kept",)))
    await office.add_consumer("ben", ConsumerOrder())
    text = "store: sqlite:state.sqlite\nkeys: {secrets: [sixteen letters!]}\n"
    async with served(tmp_path, text) as house, house.client() as client:
        issued = await office.issue(KeyOrder(consumer="ben"))

        async def status() -> int:
            return (await client.get("/who", headers={"x-partner": issued["key"]})).status_code

        await eventually(partial(_is, status, 200))
        await office.set_consumer("ben", ConsumerOrder(plan="narrow"))
        await eventually(partial(_is, status, 403))
        problem = (await client.get("/who", headers={"x-partner": issued["key"]})).json()
        assert problem["code"] == "forbidden"
        async with house.admin() as admin:
            metric = 'queuegate_requests_total{code="forbidden",route="GET /who",status="403"}'
            assert metric in (await admin.get("/metrics")).text
        await eventually(lambda: any(_records(house, Filter(codes=("forbidden",)))))
        refused = next(_records(house, Filter(codes=("forbidden",))))
        assert (refused.code, refused.answered_by, refused.caller) == ("forbidden", "auth", "ben")
        await office.set_consumer("ben", ConsumerOrder(plan="", disabled=True))
        await eventually(partial(_is, status, 401))
        await office.set_consumer("ben", ConsumerOrder(disabled=False))
        await eventually(partial(_is, status, 200))
        await office.revoke(issued["id"])
        await eventually(partial(_is, status, 401))
    assert issued["id"] in await Roster(store).used()
    await store.close()


async def _is(status: Callable[[], Awaitable[int]], wanted: int) -> bool:
    return await status() == wanted


def _refused(house: House) -> Iterator[Record]:
    return _records(house, Filter(codes=("unauthenticated",)))


def _records(house: House, wanted: Filter) -> Iterator[Record]:
    path = house.config.parent / "journal.db"
    if path.exists():
        with contextlib.closing(SqliteReader(path)) as reader:
            yield from reader.find(wanted)
