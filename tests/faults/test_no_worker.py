"""What is promised when nobody consumes."""

import asyncio
import time
from statistics import median

from tests.faults.theatre import Theatre
from tests.harness.waiting import eventually


async def _gone(theatre: Theatre) -> None:
    for worker in theatre.stage.workers:
        worker.kill()
    theatre.stage.workers.clear()


async def test_without_a_worker_calls_that_ask_are_refused_at_once(theatre: Theatre) -> None:
    """503 in milliseconds where the route asks for a worker; elsewhere the call waits for one."""
    assert (await theatre.ask("GET", "/staffed")).status == 200
    await _gone(theatre)
    await eventually(lambda: theatre.answers("GET", "/staffed", 503), within=2)
    took = []
    for _ in range(20):
        began = time.monotonic()
        answer = await theatre.ask("GET", "/staffed")
        took.append((time.monotonic() - began) * 1000)
        assert (answer.status, answer.code) == (503, "no_worker")
        assert int(answer.headers["retry-after"]) >= 1
        await asyncio.sleep(0.03)  # so that some have to look anew
    print(f"refused in {median(took):.1f} ms, at most {max(took):.1f}")
    assert median(took) < 10
    waiting = asyncio.create_task(theatre.ask("POST", "/long", x_request_id="patient"))
    await theatre.add_worker()
    assert (await waiting).status == 200
    await eventually(lambda: theatre.answers("GET", "/staffed"), within=1)


async def test_a_call_whose_last_worker_dies_does_not_wait(theatre: Theatre) -> None:
    """It is answered long before its deadline, and says that it may have run."""
    flying = asyncio.create_task(theatre.ask("GET", "/staffed?ms=1900", x_request_id="flying"))
    await eventually(lambda: theatre.stage.runs()["flying"])
    began = time.monotonic()
    await _gone(theatre)
    answer = await flying
    took = time.monotonic() - began
    print(f"answered {took * 1000:.0f} ms after the death of the last worker")
    assert (answer.status, answer.code) == (503, "no_worker")
    assert took < 1
