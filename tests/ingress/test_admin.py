"""The admin port: health, readiness, metrics."""

import contextlib
from collections.abc import AsyncIterator, Mapping

import httpx

from ingress import admin
from ingress.admin import Check
from ingress.admin_openapi import HEALTH_JSON
from tests.ingress import admin_door
from tests.ingress.scraped import figures


@contextlib.asynccontextmanager
async def opened(checks: Mapping[str, Check]) -> AsyncIterator[httpx.AsyncClient]:
    """Serve an admin app with these checks."""
    app = admin.build(lambda: checks, figures, "text/plain", lambda: {"version": "9"})
    async with admin_door.opened(app) as client:
        yield client


async def test_health_is_about_the_process_alone() -> None:
    """A gateway whose broker is down lives, though it is not ready."""
    async with opened({"broker": Check(ok=False, output="down")}) as client:
        answer = await client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "pass"}
    assert answer.headers["content-type"] == HEALTH_JSON


async def test_ready_when_every_check_passes() -> None:
    """Readiness is 200 with each check's word."""
    async with opened({"broker": Check(ok=True, output="up")}) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"]["broker"] == [{"status": "pass", "output": "up"}]


async def test_not_ready_when_one_check_fails() -> None:
    """One failing check makes it 503, and the document says which."""
    checks = {"broker": Check(ok=True), "draining": Check(ok=False, output="draining")}
    async with opened(checks) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "fail"
    assert answer.json()["checks"]["draining"][0]["output"] == "draining"


async def test_metrics_are_given_in_their_type() -> None:
    """The exposition text comes with the content type that scrapers ask for."""
    async with opened({}) as client:
        answer = await client.get("/metrics")
    assert answer.text == "a 1\n"
    assert answer.headers["content-type"] == "text/plain"


async def test_the_root_says_what_this_is() -> None:
    """The root tells about the gateway."""
    async with opened({}) as client:
        assert (await client.get("/")).json() == {"version": "9"}


async def test_what_is_not_there_is_a_problem() -> None:
    """An unknown path and a wrong method are problem documents on this port too."""
    async with opened({}) as client:
        nothing, wrong = await client.get("/nope"), await client.post("/healthz")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert set(wrong.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert nothing.headers["content-type"] == "application/problem+json"


async def test_no_answer_has_a_field_that_says_nothing() -> None:
    """The server would put an empty Alt-Svc into each."""
    async with opened({}) as client:
        for path in ("/", "/metrics", "/healthz", "/nope", "/openapi.json"):
            assert all((await client.get(path)).headers.values()), path
