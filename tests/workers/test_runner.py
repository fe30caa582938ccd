import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Message
from contracts.call import Call
from contracts.dialects import dialect
from tests.harness.waiting import eventually
from workers import runner
from workers.binding import ServiceError
from workers.service import Service


def _service(name: str = "shop", **settings: str) -> Service:
    service = Service(name, queue=settings.get("queue", ""))

    @service.operation
    async def work() -> str:
        await asyncio.sleep(0.05)
        return "done"

    return service


def _ask(client: MemoryBroker, reply_to: str) -> None:
    call = Call(id="r-1", operation="shop.work")
    message = dialect("queuegate").request(
        call, correlation_id="c", reply_to=reply_to, expiration_ms=5000
    )
    client.publish(message, routing_key="shop")


async def test_it_serves_until_told_and_finishes_what_runs(lines: list[dict[str, object]]) -> None:
    """It serves, finishes the call that runs when it is told, counts, and closes the broker."""
    hub, stop = MemoryHub(), asyncio.Event()
    client, broker = MemoryBroker(hub), MemoryBroker(hub)
    replies: list[Message] = []
    client.start()
    await client.ready(5)
    queue = client.replies(replies.append)
    served = asyncio.create_task(runner.serve([_service()], broker, stop=stop))
    await eventually(lambda: hub.queue("shop"))
    _ask(client, queue.name)
    await eventually(lambda: any("serving" in str(line["msg"]) for line in lines))
    stop.set()
    (stats,) = await served
    await eventually(lambda: replies)
    assert (stats.calls, stats.in_flight) == (1, 0)
    assert str(broker.state) == "down"
    last = next(line for line in lines if line["msg"] == "drained and left")
    assert (last["service"], last["calls"], last["faults"]) == ("shop", 1, {})
    await client.close()


async def test_a_broker_that_is_away_is_waited_for(
    lines: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker starts while the broker is away, says so, and serves as soon as it is there."""
    monkeypatch.setattr(runner, "_RETRY", 0.02)
    hub, stop = MemoryHub(), asyncio.Event()
    hub.stop()
    served = asyncio.create_task(runner.serve([_service()], MemoryBroker(hub), stop=stop))
    await eventually(lambda: any("waiting for the broker" in line["msg"] for line in lines))
    hub.start()
    await eventually(lambda: hub.queue("shop"))
    stop.set()
    await served


async def test_it_can_be_told_to_leave_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that waits for its broker leaves when it is told."""
    monkeypatch.setattr(runner, "_RETRY", 0.02)
    hub, stop = MemoryHub(), asyncio.Event()
    hub.stop()
    served = asyncio.create_task(runner.serve([_service()], MemoryBroker(hub), stop=stop))
    await asyncio.sleep(0)
    stop.set()
    (stats,) = await served
    assert stats.calls == 0


@pytest.mark.parametrize(
    "services, message",
    [
        ([], "no service"),
        ([_service(), _service(queue="other")], "two services have the name 'shop'"),
        ([_service("a", queue="q"), _service("b", queue="q")], "two services have the queue 'q'"),
    ],
)
async def test_services_that_would_take_each_others_calls_are_refused(
    services: list[Service], message: str
) -> None:
    """No service, two of one name, or two on one queue: an error before anything starts."""
    with pytest.raises(ServiceError, match=message):
        await runner.serve(services, MemoryBroker(MemoryHub()))


PROGRAM = """
import asyncio, sys
from contracts import logs
from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.dialects import dialect
from contracts.call import Call
from queuegate import Service
from workers.runner import serve

service = Service("shop")

@service.operation
async def work() -> None:
    print("begun", flush=True)
    await asyncio.sleep(float(sys.argv[1]))
    print("ended", flush=True)

async def main() -> None:
    hub = MemoryHub()
    client = MemoryBroker(hub)
    client.start()
    await client.ready(5)
    serving = asyncio.create_task(serve([service], MemoryBroker(hub), drain_timeout=20))
    while hub.queue("shop") is None:
        await asyncio.sleep(0.01)
    call = Call(id="r-1", operation="shop.work")
    client.publish(
        dialect("queuegate").request(call, correlation_id="c", reply_to="", expiration_ms=60000),
        routing_key="shop",
    )
    await serving

logs.configure()
asyncio.run(main())
"""


async def _program(seconds: float, tmp_path: Path) -> asyncio.subprocess.Process:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(path),
        str(seconds),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 20) == b"begun\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains(number: signal.Signals, tmp_path: Path) -> None:
    """The first SIGTERM or SIGINT lets what runs finish, and the process ends with 0."""
    process = await _program(0.3, tmp_path)
    process.send_signal(number)
    out, err = await asyncio.wait_for(process.communicate(), 20)
    assert (process.returncode, out) == (0, b"ended\n"), err
    assert b"drained and left" in err


async def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    """The second signal ends the process at once, with 128 + its number."""
    process = await _program(60, tmp_path)
    process.send_signal(signal.SIGTERM)
    assert process.stderr is not None
    while b"told to leave" not in await asyncio.wait_for(process.stderr.readline(), 20):
        pass
    process.send_signal(signal.SIGTERM)
    out, _ = await asyncio.wait_for(process.communicate(), 5)
    assert (process.returncode, out) == (128 + signal.SIGTERM, b"")
