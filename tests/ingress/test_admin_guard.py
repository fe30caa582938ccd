"""Who may use the admin port."""

import contextlib
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from contracts import logs
from contracts.stores.memory import MemoryStore
from ingress import admin, admin_consumers, admin_guard
from ingress.admin_guard import Access
from ingress.admin_sections import AdminSection
from ingress.auditfile import AuditFile
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Known
from ingress.consumers.office import Office
from ingress.consumers.roster import Roster
from ingress.document import Document
from ingress.problems import ConfigError
from tests.ingress import admin_door
from tests.ingress.scraped import figures

TOKEN = {"authorization": "Bearer sixteen-letters!"}


@contextlib.asynccontextmanager
async def opened(access: Access) -> AsyncIterator[httpx.AsyncClient]:
    """Serve an admin app that this access guards."""
    app = admin.build(dict, figures, "text/plain", lambda: {"service": "queuegate"})
    admin_guard.add(app, access)
    office = Office(Roster(MemoryStore()), Known(), Digests(["sixteen letters!"]))
    admin_consumers.add_routes(app, lambda: office)
    async with admin_door.opened(app) as client:
        yield client


async def test_all_but_health_and_metrics_wants_the_token() -> None:
    """Also what is not there, so that nobody can find out what is."""
    async with opened(Access("sixteen-letters!")) as client:
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await client.get(path)).status_code == 200
        for path in ("/", "/v1/consumers", "/nowhere", "/healthz/", "//healthz", "/%68ealthz"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), path
            assert answer.headers["www-authenticate"] == 'Bearer realm="queuegate admin"'
        assert (await client.get("/", headers=TOKEN)).json() == {"service": "queuegate"}
        assert (await client.get("/nowhere", headers=TOKEN)).status_code == 404


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer sixteen-letters",
        "Bearer sixteen-letters!!",
        "Basic c2l4dGVlbi1sZXR0ZXJzIQ==",
        "sixteen-letters!",
        "Basic sixteen-letters!",
    ],
)
def test_another_token_is_refused(shown: str) -> None:
    """In a sentence that does not show the right one."""
    fault = Access("sixteen-letters!").refuses(shown)
    assert fault is not None
    assert fault.code == "unauthenticated"
    assert "sixteen" not in str(fault)


def test_a_token_of_any_bytes_is_refused_as_any_other() -> None:
    """What is no text is no token, and no error of ours."""
    fault = Access("sixteen-letters!").refuses("Bearer \udcff\udcfe")
    assert fault is not None
    assert fault.code == "unauthenticated"


def test_the_right_one_passes_and_off_asks_for_none() -> None:
    """The scheme is written in any case (RFC 9110 section 11.1)."""
    assert Access("sixteen-letters!").refuses("bEARER sixteen-letters!") is None
    assert Access().refuses("") is None
    assert [repr(Access()), repr(Access("x"))] == ["<Access open>", "<Access by token>"]


async def test_orders_and_refusals_are_written_down(tmp_path: Path) -> None:
    """When one begins and when it has ended; who only looks leaves no line."""
    log, path = io.StringIO(), tmp_path / "audit.jsonl"
    logs.configure(stream=log)
    async with opened(Access("sixteen-letters!", AuditFile(path))) as client:
        await client.get("/v1/consumers", headers=TOKEN)
        order = {"name": "anna"}
        assert (await client.post("/v1/consumers", json=order)).status_code == 401
        added = await client.post("/v1/consumers", json=order, headers=TOKEN)
        assert added.status_code == 201
    logs.configure()
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(one["event"], one["method"], one["path"]) for one in records] == [
        (event, "POST", "/v1/consumers") for event in ("refused", "begun", "ended")
    ]
    assert (records[2]["status"], records[2]["who"]) == (201, "admin port, 127.0.0.1")
    assert "admin: POST /v1/consumers ended" in log.getvalue()
    assert "sixteen" not in log.getvalue() + path.read_text()


async def test_nothing_is_done_that_cannot_be_written_down(tmp_path: Path) -> None:
    """Once the file is gone orders are refused."""
    folder = tmp_path / "audit"
    folder.mkdir()
    access = Access(None, AuditFile(folder / "audit.jsonl"))
    (folder / "audit.jsonl").unlink()
    folder.rmdir()
    async with opened(access) as client:
        answer = await client.post("/v1/consumers", json={"name": "anna"})
        assert (answer.status_code, answer.json()["code"]) == (500, "internal")
        assert (await client.get("/v1/consumers")).json() == []


def test_the_route_file_may_change_both(tmp_path: Path) -> None:
    """A file that cannot be written is its problem, and changes nothing."""
    access, document = Access(), Document(str(tmp_path / "gateway.yaml"), "")
    section = AdminSection(token="sixteen-letters!", audit="audit.jsonl")
    access.adopt(section, document, lambda *_: None)
    assert (access.token, (tmp_path / "audit.jsonl").exists()) == ("sixteen-letters!", True)
    with pytest.raises(ConfigError, match=r"admin\.audit: it cannot be written"):
        access.adopt(AdminSection(token="off", audit="no/audit"), document, lambda *_: None)
    assert access.token == "sixteen-letters!"
