import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.harness.processes import ROOT
from tests.workers.desk import serving
from workers.policy import Policy
from workers.service import Service
from workers.watchdog import Watchdog

LIMIT = 0.05

Lines = list[dict[str, str]]


def _blame(lines: Lines) -> list[str]:
    return [line["msg"] for line in lines if "blocks the event loop" in line["msg"]]


def _service(*policies: Policy) -> Service:
    service = Service("shop", policies=list(policies))

    @service.operation
    async def stuck() -> None:
        time.sleep(0.3)  # noqa: ASYNC251 - the mistake itself

    @service.operation
    async def stuck_later() -> None:
        await asyncio.sleep(0.001)
        _deep()

    @service.operation
    async def patient() -> None:
        await asyncio.sleep(0.3)

    @service.operation
    def threaded() -> None:
        time.sleep(0.3)

    return service


def _deep() -> None:
    time.sleep(0.3)


async def test_the_operation_that_blocks_is_named(lines: Lines) -> None:
    """Its name, the request, how long, and the line where it blocks are in one warning."""
    with Watchdog(limit=LIMIT, every=0.02):
        async with serving(_service()) as (desk, _, _):
            await desk.call("stuck")
    (line,) = [line for line in lines if "blocks the event loop" in line["msg"]]
    assert re.match(
        r"shop\.stuck blocks the event loop, for \d+ ms by now, at test_wa", line["msg"]
    )
    assert "time.sleep(0.3)" in line["msg"]
    assert (line["operation"], line["request_id"], line["level"]) == (
        "shop.stuck",
        "req-1",
        "WARNING",
    )


async def test_what_it_calls_after_a_wait_is_found_too(lines: Lines) -> None:
    """The line is that of the user's function, however deep below it the blocking call is."""
    with Watchdog(limit=LIMIT, every=0.02):
        async with serving(_service()) as (desk, _, _):
            await desk.call("stuck_later")
    (said,) = _blame(lines)
    assert said.startswith("shop.stuck_later ")
    assert "'_deep()'" in said


async def test_it_is_told_once_a_minute(lines: Lines) -> None:
    """A worker whose every call blocks does not fill its log."""
    with Watchdog(limit=LIMIT, every=0.02) as watchdog:
        async with serving(_service()) as (desk, _, _):
            await desk.call("stuck")
            await desk.call("stuck")
    assert len(_blame(lines)) == 1
    assert repr(watchdog) == "<Watchdog limit=0.05 s told=['shop.stuck']>"


async def test_a_policy_that_blocks_is_the_operations_too(lines: Lines) -> None:
    """What a policy does for an operation counts as its own, with the policy's line."""

    class Slow:
        def admit(self, _: object) -> None:
            time.sleep(0.3)

    with Watchdog(limit=LIMIT, every=0.02):
        async with serving(_service(Slow())) as (desk, _, _):
            await desk.call("patient")
    (said,) = _blame(lines)
    assert said.startswith("shop.patient ")
    assert "time.sleep(0.3)" in said


async def test_who_waits_or_has_a_thread_is_left_alone(lines: Lines) -> None:
    """An operation that awaits, and a plain function, hold nobody up."""
    with Watchdog(limit=LIMIT, every=0.02):
        async with serving(_service()) as (desk, _, _):
            await desk.call("patient")
            await desk.call("threaded")
    assert _blame(lines) == []


async def test_who_lets_go_within_the_limit_is_left_alone(lines: Lines) -> None:
    """Each time that it holds the loop counts for itself, however often it does."""
    service = Service("shop")

    @service.operation
    async def brisk() -> None:
        for _ in range(12):
            time.sleep(0.06)  # noqa: ASYNC251 - short enough
            await asyncio.sleep(0.02)

    with Watchdog(limit=0.5, every=0.01):
        async with serving(service) as (desk, _, _):
            await desk.call("brisk")
    assert _blame(lines) == []


async def test_others_who_block_the_loop_are_not_blamed_on_an_operation(lines: Lines) -> None:
    """A loop that is held up by something else names nobody."""
    with Watchdog(limit=LIMIT, every=0.02):
        time.sleep(0.2)  # noqa: ASYNC251 - the fault itself
    assert _blame(lines) == []


_SCRIPT = """
import asyncio, io, os, time
from contracts import logs
from tests.workers.desk import serving
from workers.service import Service
from workers.watchdog import Watchdog

service = Service("shop")

@service.operation
async def busy() -> None:
    print("begun", flush=True)
    while time.thread_time() < 60 and not os.path.exists(os.environ["DONE"]):
        await asyncio.sleep(0)

async def main():
    logs.configure()
    with Watchdog():
        async with serving(service) as (desk, _, _):
            await desk.call("busy", timeout=None)
    print("ended", flush=True)

asyncio.run(main())
"""


def test_a_process_that_was_stopped_blames_nobody(tmp_path: Path) -> None:
    """After SIGSTOP and SIGCONT no operation is told to have blocked."""
    done = tmp_path / "done"
    child = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT],
        cwd=ROOT,
        env={**os.environ, "DONE": str(done)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        for _ in range(4):  # who runs first afterwards, the loop or the watchdog, is chance
            child.send_signal(signal.SIGSTOP)
            time.sleep(0.4)  # the fault itself
            child.send_signal(signal.SIGCONT)
            time.sleep(0.1)  # as above
        done.touch()
        said, complaints = child.communicate(timeout=20)
        assert said == "ended\n"
        assert "blocks the event loop" not in complaints
    finally:
        child.kill()
        child.wait()
