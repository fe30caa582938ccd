"""What is promised when something fails: real processes on a real RabbitMQ."""

import asyncio
import os
import re
import signal
import time
from pathlib import Path
from statistics import median

import httpx

from tests.acceptance.stage import Stage, staged
from tests.harness.rabbitmq import PrivateRabbitMQ
from tests.harness.waiting import eventually


async def test_a_worker_killed_under_load_costs_no_answer(tmp_path: Path, vhost_url: str) -> None:
    """With kill -9 of one of two workers all requests are answered, idempotent ones with 200."""
    async with staged(tmp_path, vhost_url, workers=2) as stage, stage.client() as client:
        answers: list[httpx.Response] = []

        async def one_client(method: str) -> None:
            for _ in range(25):
                answers.append(await client.request(method, "/work?ms=20"))  # noqa: PERF401 - others look at it

        load = [asyncio.create_task(one_client(method)) for method in ["GET"] * 12 + ["POST"] * 4]
        await eventually(lambda: len(answers) > 80, within=20)
        stage.workers[0].kill()
        async with asyncio.timeout(40):
            await asyncio.gather(*load)
    assert len(answers) == 16 * 25
    assert {a.status_code for a in answers if a.request.method == "GET"} == {200}
    assert {a.status_code for a in answers if a.request.method == "POST"} <= {200, 502, 503, 504}


async def test_a_missing_queue_is_told_at_once(tmp_path: Path, vhost_url: str) -> None:
    """503 no_route with Retry-After, long before the timeout of 5 s."""
    async with staged(tmp_path, vhost_url, workers=0) as stage, stage.client() as client:
        began = time.perf_counter()
        answer = await client.get("/nowhere")
        took = time.perf_counter() - began
    assert (answer.status_code, answer.json()["code"]) == (503, "no_route")
    assert answer.headers["retry-after"] == "1"
    assert took < 2


async def test_a_deadline_is_kept_and_what_has_not_begun_never_runs(
    tmp_path: Path, vhost_url: str
) -> None:
    """504 within 50 ms after the deadline; the worker skips the call that waited too long."""
    async with staged(tmp_path, vhost_url, CREW_CONCURRENCY="1") as stage, stage.client() as client:
        busy = asyncio.create_task(client.get("/work?ms=900", headers={"x-request-id": "busy"}))
        await eventually(lambda: stage.runs()["busy"], within=5)
        began = time.perf_counter()
        late = await client.get("/hasty", headers={"x-request-id": "late"})
        took = time.perf_counter() - began
        assert (late.status_code, late.json()["code"]) == (504, "deadline")
        assert 0.3 <= took < 0.35
        assert (await busy).status_code == 200
        # A later call proves that the worker has passed the point where "late" stood.
        assert (await client.get("/work", headers={"x-request-id": "after"})).status_code == 200
        assert stage.runs() == {"busy": 1, "after": 1}


async def test_retries_are_made_only_where_they_are_safe(tmp_path: Path, vhost_url: str) -> None:
    """The same failing operation: a GET is tried three times, a POST once, one with a key again."""
    async with staged(tmp_path, vhost_url) as stage, stage.client() as client:
        stage.break_operation()
        get = await client.get("/work", headers={"x-request-id": "get"})
        post = await client.post("/work", headers={"x-request-id": "post"})
        keyed = await client.post(
            "/work", headers={"x-request-id": "keyed", "idempotency-key": "k1"}
        )
        assert [a.status_code for a in (get, post, keyed)] == [500, 500, 500]
        assert {a.json()["code"] for a in (get, post, keyed)} == {"worker_error"}
        assert stage.runs() == {"get": 3, "post": 1, "keyed": 3}
        assert "as the test wants it" not in get.text
        log = stage.said()
        assert "RuntimeError: as the test wants it" in log
        assert "request_id=get" in log


async def test_the_breaker_opens_refuses_probes_and_closes(tmp_path: Path, vhost_url: str) -> None:
    """A failing operation opens it; then it refuses without a run; two probes close it."""
    async with staged(tmp_path, vhost_url) as stage, stage.client() as client:
        stage.break_operation()
        while (await _breaker(stage, "GET /guarded")) != "open":
            assert (await client.get("/guarded")).status_code == 500
        ran = sum(stage.runs().values())
        for _ in range(20):
            refused = await client.get("/guarded")
            assert (refused.status_code, refused.json()["code"]) == (503, "circuit_open")
            assert int(refused.headers["retry-after"]) >= 1
        # The lines of requests are written a moment later.
        await eventually(lambda: len(_milliseconds(stage.said(), "circuit_open")) == 20)
        times = _milliseconds(stage.said(), "circuit_open")
        assert median(times) < 2
        assert sum(stage.runs().values()) == ran == 5
        stage.mend_operation()
        await asyncio.sleep(1.0)  # open_for: the one thing here that only time does
        many = await asyncio.gather(*(client.get("/guarded?ms=100") for _ in range(20)))
        passed = [a for a in many if a.status_code == 200]
        assert len(passed) == 2
        assert {a.json()["code"] for a in many if a not in passed} == {"circuit_open"}
        assert await _breaker(stage, "GET /guarded") == "closed"
        assert (await client.get("/guarded")).status_code == 200


async def test_clients_that_hang_up_never_open_the_breaker(tmp_path: Path, vhost_url: str) -> None:
    """50 clients leave before their answer: the circuit stays closed, nothing stays pending."""
    async with staged(tmp_path, vhost_url) as stage:
        for _ in range(50):
            _, writer = await asyncio.open_connection("127.0.0.1", stage.port)
            writer.write(b"GET /guarded?ms=300 HTTP/1.1\r\nHost: a\r\n\r\n")
            await writer.drain()
            writer.close()
        gone = 'queuegate_requests_total{code="client_gone",route="GET /guarded",status="499"}'

        await eventually(lambda: _counted(stage, gone, 50), within=10)
        assert await _breaker(stage, "GET /guarded") == "closed"
        assert (await stage.about())["pending"] == 0
        async with stage.client() as client:
            await eventually(lambda: _status(client, "/guarded", 200), within=10)


async def test_a_fault_of_the_operation_reaches_the_client(tmp_path: Path, vhost_url: str) -> None:
    """The worker's own code, status and detail, as a problem."""
    async with staged(tmp_path, vhost_url) as stage, stage.client() as client:
        answer = await client.post("/refuse", headers={"x-request-id": "r1"})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["detail"]) == ("out_of_tea", "come back tomorrow")
    assert problem["request_id"] == answer.headers["x-request-id"] == "r1"


async def test_a_broker_that_is_away_at_the_start_is_waited_for(
    tmp_path: Path, rabbitmq: PrivateRabbitMQ
) -> None:
    """The gateway starts, is not ready, answers 503 with Retry-After, and heals by itself."""
    stage = Stage(tmp_path, rabbitmq.url("not-there-yet"))
    try:
        stage.start_gateway()
        async with stage.client() as client:
            await eventually(lambda: _status(client, "/work", 503), within=20)
            answer = await client.get("/work")
            assert answer.json()["code"] == "broker_down"
            assert "retry-after" in answer.headers
            assert await stage.metric("queuegate_broker_state") == 0
            rabbitmq.create_vhost("not-there-yet")
            stage.start_worker()
            await stage.ready()
            await stage.staffed()
            assert (await client.get("/work")).status_code == 200
            assert await stage.metric("queuegate_broker_state") == 2
    finally:
        stage.close()
        rabbitmq.delete_vhost("not-there-yet")


async def test_a_drain_finishes_what_is_in_flight(tmp_path: Path, vhost_url: str) -> None:
    """SIGTERM under load: requests that were taken are answered, then the process ends with 0."""
    async with staged(tmp_path, vhost_url) as stage, stage.client() as client:
        asked = asyncio.create_task(client.get("/work?ms=500", headers={"x-request-id": "last"}))
        await eventually(lambda: stage.runs()["last"], within=5)
        assert stage.gateway is not None
        os.kill(stage.gateway.pid, signal.SIGTERM)
        assert (await asked).status_code == 200
        assert await asyncio.to_thread(stage.gateway.wait, 10) == 0


async def test_a_worker_that_is_told_to_stop_finishes_first(tmp_path: Path, vhost_url: str) -> None:
    """SIGTERM to a worker: what runs is answered, and what has not begun goes to another."""
    async with staged(tmp_path, vhost_url, CREW_CONCURRENCY="1") as stage, stage.client() as client:
        asked = [asyncio.create_task(client.post("/work?ms=300")) for _ in range(3)]
        await eventually(stage.runs, within=5)
        stage.workers[0].send(signal.SIGTERM)
        stage.start_worker()
        assert [a.status_code for a in await asyncio.gather(*asked)] == [200] * 3
        assert await asyncio.to_thread(stage.workers[0].wait, 10) == 0
        assert set(stage.runs().values()) == {1}


def _milliseconds(log: str, code: str) -> list[float]:
    """Give how long the gateway says that requests with this fault took."""
    return [float(found) for found in re.findall(rf" {code} in ([0-9.]+) ms", log)]


async def _breaker(stage: Stage, route: str) -> object:
    breakers = (await stage.about())["breakers"]
    assert isinstance(breakers, dict)
    return breakers.get(route, "closed")


async def _status(client: httpx.AsyncClient, path: str, status: int) -> bool:
    try:
        return (await client.get(path)).status_code == status
    except httpx.TransportError:
        return False


async def _counted(stage: Stage, sample: str, count: float) -> bool:
    return await stage.metric(sample) == count
