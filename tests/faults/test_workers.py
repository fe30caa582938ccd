"""What is promised while workers fail."""

import asyncio
import signal
import time
from contextlib import AsyncExitStack

import pytest

from tests.faults.rogue import Rogue
from tests.faults.theatre import Theatre
from tests.harness import http
from tests.harness.waiting import eventually

# This machine is shared: a process may not get its turn for so long.
GRACE = 0.5
# So many calls of an operation may run at a time, and be in one message. That a call is in one with
# others is a matter of moments, so it is tried again.
TOGETHER, TRIES = 16, 20


async def _begun(theatre: Theatre, method: str, path: str) -> "asyncio.Task[http.Answer]":
    """Have a call in the hands of a worker."""
    task = asyncio.create_task(theatre.ask(method, path, x_request_id="begun"))
    await eventually(lambda: theatre.stage.runs()["begun"])
    return task


async def _dropped(theatre: Theatre, reason: str) -> float:
    return await theatre.stage.metric(f'queuegate_replies_dropped_total{{reason="{reason}"}}')


async def test_a_worker_killed_with_a_call_that_runs_once(theatre: Theatre) -> None:
    """Its caller is told ``worker_lost`` long before the deadline, and it never runs again."""
    call = await _begun(theatre, "POST", "/long?ms=20000")
    began = time.monotonic()
    theatre.busy_worker().kill()
    answer = await call
    assert (answer.status, answer.code) == (502, "worker_lost")
    assert time.monotonic() - began < 2 + GRACE
    assert theatre.stage.runs()["begun"] == 1


async def test_a_worker_killed_with_an_idempotent_call(theatre: Theatre) -> None:
    """Another one runs the call again, and its caller notices nothing."""
    call = await _begun(theatre, "GET", "/work?ms=700")
    first = theatre.busy_worker()
    first.kill()
    answer = await call
    assert answer.status == 200
    assert answer.body != str(first.pid).encode()
    assert theatre.stage.runs()["begun"] == 2


async def test_a_worker_killed_in_the_middle_of_a_message(theatre: Theatre, way: str) -> None:
    """Of calls that came together the answered do not run again, and the other is told."""
    async with AsyncExitStack() as stack:
        connections = [
            await stack.enter_async_context(await http.Connection.open(theatre.port))
            for _ in range(TOGETHER)
        ]
        for number in range(10):
            await _ask_together(connections, f"fast-{number}")
        before = await _dropped(theatre, "duplicate")
        came_again = False
        for number in range(TRIES if way == "lane" else 1):
            await _lose_one(theatre, connections, f"try-{number}")
            # A call that must not run again is refused, so its caller is answered a second time.
            if came_again := await _dropped(theatre, "duplicate") > before:
                break
            await theatre.heal()
    assert came_again == (way == "lane")


async def _ask_together(connections: list[http.Connection], name: str) -> None:
    """Make a fast call on each connection, all sent at one moment."""
    for number, connection in enumerate(connections):
        connection.send("POST", "/once?ms=0", x_request_id=f"{name}-{number}")
    assert {(await one.read()).status for one in connections} == {200}


async def _lose_one(theatre: Theatre, connections: list[http.Connection], name: str) -> None:
    """Kill the worker that has a slow call, when those that were sent with it are answered."""
    slow, *others = connections
    slow.send("POST", "/once?ms=1500", x_request_id=f"{name}-slow")
    await _ask_together(others, name)
    await eventually(lambda: theatre.stage.runs()[f"{name}-slow"])
    theatre.worker_of(f"{name}-slow").kill()
    answer = await slow.read()
    assert (answer.status, answer.code) == (502, "worker_lost")
    runs = theatre.stage.runs()
    names = [f"{name}-{number}" for number in range(len(others))]
    assert {runs[one] for one in (*names, f"{name}-slow")} == {1}


async def test_a_frozen_worker(theatre: Theatre) -> None:
    """Its call ends at the deadline, others go on, and it is not run again."""
    began = time.monotonic()
    call = await _begun(theatre, "POST", "/once?ms=1000")
    worker = theatre.busy_worker()
    worker.send(signal.SIGSTOP)
    answer = await call
    took = time.monotonic() - began
    assert (answer.status, answer.code) == (504, "deadline")
    assert 2 <= took < 2.1 + GRACE
    worker.send(signal.SIGCONT)
    await theatre.stage.staffed(2)
    assert theatre.stage.runs()["begun"] == 0  # since it was forgotten


async def test_a_frozen_worker_loses_what_it_holds(theatre: Theatre) -> None:
    """After two heartbeats the broker gives its calls to another worker, within their time."""
    alive = [worker for worker in theatre.stage.workers if worker.returncode is None]
    alive[0].send(signal.SIGSTOP)
    calls = [asyncio.create_task(theatre.ask("POST", "/long")) for _ in range(8)]
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*calls)
    # The frozen one never saw its share; the broker says "redelivered" all the same, so that
    # nobody knows that they did not run: they are told so and not run.
    assert {(a.status, a.code) for a in answers} <= {(200, ""), (502, "worker_lost")}
    assert sum(a.status == 200 for a in answers) >= 4


async def test_a_function_that_hangs(theatre: Theatre) -> None:
    """A thread that nothing can stop costs its caller a 504 in time, and others nothing."""
    began = time.monotonic()
    answer = await theatre.ask("POST", "/hang?ms=1500")
    assert (answer.status, answer.code) == (504, "deadline")
    assert 0.3 <= time.monotonic() - began < 0.4 + GRACE
    for _ in range(4):
        assert await theatre.answers("POST", "/once")


async def test_an_operation_that_is_slow(theatre: Theatre) -> None:
    """It is stopped at the deadline, and the answer is there by then."""
    began = time.monotonic()
    answer = await theatre.ask("POST", "/once?ms=5000")
    assert (answer.status, answer.code) == (504, "deadline")
    assert 2 <= time.monotonic() - began < 2.1 + GRACE


async def test_a_reply_that_is_too_large(theatre: Theatre) -> None:
    """A worker does not send what the gateway would not take; its caller hears of a failure."""
    answer = await theatre.ask("POST", f"/large?size={40 * 1024 * 1024}")
    assert (answer.status, answer.code) == (500, "worker_error")
    assert await theatre.answers()


@pytest.mark.parametrize(
    "act, status, code",
    [
        ("well", 200, ""),
        ("twice", 200, ""),
        ("silent", 504, "deadline"),
        ("late", 504, "deadline"),
        ("wrong id", 504, "deadline"),
        ("no id", 504, "deadline"),
        ("bad status", 502, "bad_reply"),
        ("bad header", 502, "bad_reply"),
        ("bad table", 502, "bad_reply"),
        ("not ours", 502, "bad_reply"),
        ("too large", 502, "bad_reply"),
    ],
)
async def test_a_rogue_worker(theatre: Theatre, act: str, status: int, code: str) -> None:
    """Whatever a worker sends, its caller gets one answer in time, and the next call is well."""
    async with Rogue(theatre.stage.worker_url) as rogue:
        async with await http.Connection.open(theatre.port) as connection:
            began = time.monotonic()
            answer = await connection.ask("POST", "/rogue", act.encode())
            assert (answer.status, answer.code) == (status, code)
            assert time.monotonic() - began < 1.1 + GRACE
            # Not two answers: the next one on this connection is the next request's.
            after = await connection.ask("POST", "/rogue", b"well")
            assert (after.status, after.body) == (200, b"well")
        await eventually(lambda: act in rogue.done)


async def test_stray_answers_are_counted(theatre: Theatre) -> None:
    """A second, a late and a foreign answer go to nobody, and an operator sees each kind."""
    kinds = {"twice": "duplicate", "late": "late", "wrong id": "orphan"}
    before = {kind: await _dropped(theatre, kind) for kind in kinds.values()}
    async with Rogue(theatre.stage.worker_url):
        for act, kind in kinds.items():
            await theatre.ask("POST", "/rogue", act.encode())

            async def counted(kind: str = kind) -> bool:
                return await _dropped(theatre, kind) == before[kind] + 1

            await eventually(counted)
