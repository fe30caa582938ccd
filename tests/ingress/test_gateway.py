"""The composition root: the parts of a gateway work together, start and stop in order."""

import asyncio
import time
from pathlib import Path

import httpx
import msgspec
import pytest

from contracts import logs
from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.call import Call
from ingress.gateway import Gateway, Settings
from ingress.journal.filter import Filter
from ingress.journal.sqlite.reader import SqliteReader
from ingress.problems import ConfigError
from ingress.replay import mark
from ingress.replay.mark import Marks
from tests.harness.waiting import eventually
from tests.ingress.embedded_broker import ROUTES, House, lived_in, service


async def test_a_call_goes_through_every_part(tmp_path: Path) -> None:
    """HTTP in, a worker's answer out, one log line and one count of it."""
    test, _ = service()
    async with lived_in(tmp_path, test) as house, house.client() as client:
        await eventually(lambda: _answers(client, "/hello", 200))
        answer = await client.get("/hello", headers={"x-request-id": "r-1"})
        assert (answer.status_code, answer.text) == (200, "hello")
        await eventually(lambda: "request_id=r-1" in house.log.getvalue())
        assert house.log.getvalue().count("request_id=r-1") == 1
        async with house.admin() as admin:
            assert 'code="",route="GET /hello",status="200"' in (await admin.get("/metrics")).text
            assert (await admin.get("/")).json()["pending"] == 0


async def test_it_is_ready_while_the_broker_is_up(tmp_path: Path) -> None:
    """Readiness follows the broker, and calls are refused at once while it is down."""
    async with lived_in(tmp_path) as house, house.client() as client, house.admin() as admin:
        await eventually(lambda: _answers(admin, "/readyz", 200))
        house.hub.stop()
        await eventually(lambda: _answers(admin, "/readyz", 503))
        assert (await client.get("/hello")).json()["code"] == "broker_down"
        broker = (await admin.get("/readyz")).json()["checks"]["broker"][0]
        assert broker["output"].startswith("down: ")
        assert (await admin.get("/healthz")).status_code == 200
        house.hub.start()
        await eventually(lambda: _answers(admin, "/readyz", 200))


async def test_a_blocked_broker_is_told_as_such(tmp_path: Path) -> None:
    """While the broker takes no messages calls are refused with its own code."""
    async with lived_in(tmp_path) as house, house.client() as client, house.admin() as admin:
        await eventually(lambda: _answers(admin, "/readyz", 200))
        house.hub.block()
        await eventually(lambda: _answers(admin, "/readyz", 503))
        answer = await client.get("/hello")
        assert (answer.status_code, answer.json()["code"]) == (503, "broker_blocked")
        house.hub.unblock()


async def test_it_takes_the_replays_of_who_has_the_key(tmp_path: Path) -> None:
    """A replay is refused without a key in the route file, and taken once a reload brings it."""
    test, _ = service()
    marks = Marks("sixteen letters!")
    call = Call(id="2", operation="", method="GET", path="/hello", replay="run/1")
    headers = {mark.HEADER: marks.sign(call)}
    async with lived_in(tmp_path, test) as house, house.client() as client:
        await eventually(lambda: _answers(client, "/hello", 200))
        assert (await client.get("/hello", headers=headers)).status_code == 403
        with house.config.open("a") as file:
            file.write("\nreplay: {key: sixteen letters!}\n")
        await house.gateway.reload()
        assert (await client.get("/hello", headers=headers)).status_code == 200


async def test_a_loop_that_is_held_up_is_told(tmp_path: Path) -> None:
    """What blocks the gateway is seen in its metrics, and in one line of its log."""
    async with lived_in(tmp_path) as house, house.admin() as admin:
        time.sleep(0.5)  # noqa: ASYNC251 - the fault itself
        await eventually(lambda: "the event loop was held up for" in house.log.getvalue())
        bucket = 'queuegate_loop_lag_seconds_bucket{le="0.25"} '
        count = "queuegate_loop_lag_seconds_count "
        text = (await admin.get("/metrics")).text
        assert _sample(text, count) > _sample(text, bucket)


async def test_a_new_route_file_is_taken_over_whole(tmp_path: Path) -> None:
    """After a reload the new routes serve; a call in flight ends on the old ones."""
    test, go = service()
    async with lived_in(tmp_path, test) as house, house.client() as client:
        await eventually(lambda: _answers(client, "/hello", 200))
        waiting = asyncio.create_task(client.get("/wait"))
        await eventually(lambda: _in_flight(house.admin()))
        house.config.write_text("routes: [{route: GET /hi, operation: test.hello}]")
        await house.gateway.reload()
        assert (await client.get("/hi")).status_code == 200
        assert (await client.get("/hello")).status_code == 404
        go.set()
        assert (await waiting).text == "done"


async def test_a_route_file_is_read_beside_the_event_loop(tmp_path: Path) -> None:
    """A large one takes long, and meanwhile calls are answered."""
    async with lived_in(tmp_path) as house:
        many = "".join(f"  c{number}: {{groups: [a]}}\n" for number in range(100))
        house.config.write_text(f"consumers:\n{many}routes: [{{route: GET /hi, operation: a.b}}]")
        turns, reload = 0, asyncio.create_task(house.gateway.reload())
        while not reload.done():
            await asyncio.sleep(0)
            turns += 1
        assert turns > 5
        assert "reloaded" in house.log.getvalue()


async def test_the_broker_has_a_moment_before_the_first_answer(tmp_path: Path) -> None:
    """Who comes while it connects waits for it: a new process would else refuse at once."""
    connected = asyncio.Event()

    class SlowBroker(MemoryBroker):
        async def ready(self, within: float) -> None:
            async with asyncio.timeout(within):
                await connected.wait()
            await super().ready(within)

    house = House(tmp_path)
    gateway = Gateway(house.settings, SlowBroker(house.hub), logs.configure(stream=house.log))
    starting = asyncio.create_task(gateway.start(house.public, house.private))
    async with house.client() as client:
        asked = asyncio.create_task(client.get("/hello"))
        done, _ = await asyncio.wait([asked, starting], timeout=0.1)
        assert not done
        connected.set()
        assert (await asked).json()["code"] == "no_route"
    await starting
    await gateway.stop()
    house.public.close()
    house.private.close()


async def test_a_wrong_route_file_changes_nothing(tmp_path: Path) -> None:
    """The old routes stay, and the log says where the new file is wrong."""
    test, _ = service()
    async with lived_in(tmp_path, test) as house, house.client() as client:
        await eventually(lambda: _answers(client, "/hello", 200))
        house.config.write_text(ROUTES + "  - {route: GET /x, operatio: test.hello}\n")
        await house.gateway.reload()
        assert (await client.get("/hello")).status_code == 200
        assert "gateway.yaml:5" in house.log.getvalue()
        async with house.admin() as admin:
            assert (
                'queuegate_reloads_total{result="refused"} 1.0'
                in (await admin.get("/metrics")).text
            )


async def test_stopping_answers_what_is_in_flight(tmp_path: Path) -> None:
    """A stop waits for the call that waits for its worker."""
    test, go = service()
    async with lived_in(tmp_path, test) as house, house.client() as client:
        await eventually(lambda: _answers(client, "/hello", 200))
        waiting = asyncio.create_task(client.get("/wait"))
        await eventually(lambda: _in_flight(house.admin()))
        stopping = asyncio.create_task(house.gateway.stop())
        await eventually(lambda: "draining" in house.log.getvalue())
        go.set()
        assert (await waiting).text == "done"
        await stopping


def test_a_wrong_route_file_is_no_gateway(tmp_path: Path) -> None:
    """At the start everything that is wrong with the file is raised."""
    config = tmp_path / "gateway.yaml"
    config.write_text("routes: []")
    with pytest.raises(ConfigError):
        Gateway(Settings(config=config), MemoryBroker(MemoryHub()), logs.configure())


async def _answers(client: httpx.AsyncClient, path: str, status: int) -> bool:
    return (await client.get(path)).status_code == status


async def _in_flight(admin: httpx.AsyncClient) -> bool:
    async with admin:
        return bool((await admin.get("/")).json()["pending"])


async def test_the_header_section_has_the_room_that_is_promised(tmp_path: Path) -> None:
    """Sanic keeps one limit for the process: the admin port must not set it back to less."""
    test, _ = service()
    async with lived_in(tmp_path, test) as house, house.client() as client:
        assert (await client.get("/hello", headers={"x": "a" * 12_000})).status_code == 200
        assert (await client.get("/hello", headers={"x": "a" * 17_000})).status_code == 431


def _sample(text: str, name: str) -> float:
    return next(
        float(line.removeprefix(name)) for line in text.splitlines() if line.startswith(name)
    )


async def test_accepted_work_is_answered_before_it_is_done(tmp_path: Path) -> None:
    """202 with the request id at once; on memory:// the log warns that it lives no longer."""
    test, go = service()
    async with lived_in(tmp_path, test) as house, house.client() as client:
        await eventually(lambda: _answers(client, "/hello", 200))
        job = "  - {route: GET /job, operation: test.wait, accept: true}\n"
        house.config.write_text(ROUTES + job)
        await house.gateway.reload()
        answer = await client.get("/job", headers={"x-request-id": "r-9"})
        assert answer.status_code == 202
        assert answer.json() == {"status": "accepted", "request_id": "r-9"}
        assert "what memory:// accepts is lost" in house.log.getvalue()
        go.set()


async def test_it_warns_of_replays_that_processes_do_not_tell_each_other(tmp_path: Path) -> None:
    """Signed requests with several processes and no store that they share; else it says nothing."""
    auth = """
auth:
  shops:
    signature:
      keys:
        - {id: a, algorithm: hmac-sha256, secret: "${S:-good-enough-for-a-laptop-and-long}"}
"""
    for text, processes, warned in [
        (auth, 2, True),
        (auth, 1, False),
        (f"store: sqlite:state.sqlite{auth}", 2, False),
        ("", 2, False),
    ]:
        house = House(tmp_path, text + ROUTES)
        house.settings = msgspec.structs.replace(house.settings, processes=processes)
        Gateway(house.settings, MemoryBroker(house.hub), logs.configure(stream=house.log))
        assert ("takes a signed request once" in house.log.getvalue()) is warned
        house.public.close()
        house.private.close()


async def test_it_writes_down_what_it_served(tmp_path: Path) -> None:
    """A route file with a journal has a record of each request once the gateway stopped."""
    test, _ = service()
    async with (
        lived_in(tmp_path, test, f"journal: {{}}\n{ROUTES}") as house,
        house.client() as client,
    ):
        await eventually(lambda: _answers(client, "/hello", 200))
        await client.get("/hello?a=1", headers={"x-request-id": "r-1"})
        await client.get("/nowhere", headers={"x-request-id": "r-2"})
    reader = SqliteReader(tmp_path / "journal.db")
    found = {one.id: one for one in reader.find(Filter(ids=("r-1", "r-2")))}
    reader.close()
    assert (found["r-1"].target, found["r-1"].status) == ("/hello?a=1", 200)
    assert found["r-1"].worker_us > 0
    assert (found["r-2"].route, found["r-2"].code) == ("-", "not_found")


async def test_a_journal_that_cannot_be_written_harms_no_request(tmp_path: Path) -> None:
    """Requests and readiness go on, and the log says what is wrong."""
    test, _ = service()
    routes = f"journal: {{store: no/such/folder.db}}\n{ROUTES}"
    async with lived_in(tmp_path, test, routes) as house, house.client() as client:
        await eventually(lambda: _answers(client, "/hello", 200))
        await eventually(lambda: "the journal cannot be written" in house.log.getvalue())
        async with house.admin() as admin:
            assert (await admin.get("/readyz")).status_code == 200


def test_a_stream_needs_a_broker_that_has_them(tmp_path: Path) -> None:
    """The embedded broker has no streams, and the route file's line is named."""
    config = tmp_path / "gateway.yaml"
    config.write_text(f"journal: {{store: 'stream:journal'}}\n{ROUTES}")
    with pytest.raises(ConfigError, match=r"journal.store: stream:journal needs RabbitMQ"):
        Gateway(Settings(config=config), MemoryBroker(MemoryHub()), logs.configure())
