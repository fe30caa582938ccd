"""The journal on the admin port."""

from collections.abc import AsyncIterator

import httpx
import pytest

from ingress import admin, admin_journal
from ingress.journal.memory import MemoryJournal
from ingress.journal.reader import Reader
from ingress.journal.record import JournalError
from tests.ingress import admin_door
from tests.ingress.journal.contract import MIXED
from tests.ingress.scraped import figures


class Shelf:
    """Gives the journal, or fails to."""

    def __init__(self) -> None:
        self.wrong = ""

    def open(self) -> Reader:
        if self.wrong:
            raise JournalError(self.wrong)
        return MemoryJournal(MIXED)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def client(shelf: Shelf) -> AsyncIterator[httpx.AsyncClient]:
    app = admin.build(dict, figures, "text/plain", dict)
    admin_journal.add_routes(app, shelf.open)
    async with admin_door.opened(app) as made:
        yield made


async def ids(client: httpx.AsyncClient, **params: str | list[str]) -> list[str]:
    answer = await client.get("/v1/journal", params=params)
    assert answer.status_code == 200
    return [one["id"] for one in answer.json()["records"]]


async def test_records_come_page_by_page(client: httpx.AsyncClient) -> None:
    """Each page names the cursor of the next, and the last one names none."""
    seen, cursor, pages = [], "", 0
    while pages == 0 or cursor:
        params = {"limit": "4", "cursor": cursor} if cursor else {"limit": "4"}
        answer = (await client.get("/v1/journal", params=params)).json()
        seen += [one["id"] for one in answer["records"]]
        cursor, pages = answer["cursor"], pages + 1
    assert seen == [one.id for one in MIXED[::-1]]
    assert pages == 3


@pytest.mark.parametrize(
    "params, expected",
    [
        ({"status": "5xx"}, ["r-9", "r-5", "r-4"]),
        ({"status": ["404", "201"], "oldest": "true"}, ["r-2", "r-3", "r-8"]),
        ({"route": "GET /v1/slow", "code": "busy"}, ["r-4"]),
        ({"slower": "500ms"}, ["r-5"]),
        ({"caller": "alice", "replayed": "true"}, ["r-6"]),
        ({"method": "post", "body": "quantity"}, ["r-3"]),
        ({"reply": "total"}, ["r-8"]),
        ({"header": "x-shop=a", "id": "r-3"}, ["r-3"]),
        ({"until": "2000-01-01"}, []),
        ({"since": "20000d", "limit": "1"}, ["r-9"]),
        ({"run": "again", "replay_of": "r-0"}, ["r-6"]),
    ],
)
async def test_each_filter_is_a_parameter(
    client: httpx.AsyncClient, params: dict[str, str | list[str]], expected: list[str]
) -> None:
    """They are those of the command line, written the same."""
    assert await ids(client, **params) == expected


async def test_a_list_has_no_bodies_and_one_record_has_all(client: httpx.AsyncClient) -> None:
    """Headers and bodies are given for one id, of which there may be several records."""
    answer = await client.get("/v1/journal", params={"id": "r-3"})
    assert "request" not in answer.json()["records"][0]
    (one,) = (await client.get("/v1/journal/r-3")).json()["records"]
    assert one["reply"]["body"] == '{"id": "o-1"}'
    missing = await client.get("/v1/journal/nobody")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


async def test_routes_are_summed_up(client: httpx.AsyncClient) -> None:
    """The same figures as on the command line."""
    routes = (await client.get("/v1/journal/stats", params={"status": "5xx"})).json()["routes"]
    assert {one["route"]: one["count"] for one in routes} == {
        "GET /v1/slow": 2,
        "GET /v1/orders/{id}": 1,
    }


@pytest.mark.parametrize(
    "query, told",
    [
        ("since=15x", "a moment is written"),
        ("status=abc", "a status is written"),
        ("slower=5", "a duration is written"),
        ("header=x", "NAME=VALUE"),
        ("body=a[", "no JMESPath"),
        ("limit=0", "from 1 to"),
        ("limit=ten", "from 1 to"),
        ("replayed=maybe", "true or false"),
        ("cursor=here", "no cursor"),
        ("rotue=x", "did you mean route?"),
    ],
)
async def test_a_wrong_parameter_is_told(client: httpx.AsyncClient, query: str, told: str) -> None:
    """It is a problem document that says what to write instead."""
    answer = await client.get(f"/v1/journal?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert told in answer.json()["detail"]


async def test_a_journal_that_cannot_be_read_is_told(
    client: httpx.AsyncClient, shelf: Shelf
) -> None:
    """It is a problem of ours, in words."""
    shelf.wrong = "journal j.db: disk I/O error"
    answer = await client.get("/v1/journal")
    assert answer.status_code == 500
    assert answer.json()["detail"] == "journal j.db: disk I/O error"
