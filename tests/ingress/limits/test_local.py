import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.fault import Fault
from ingress.limits.local import LocalMeter
from ingress.limits.meter import Meter
from tests.harness.waiting import eventually
from tests.ingress.limits.contract import Clock, MeterContract, passes, rates, take

_CALL = """
import sys
from pathlib import Path
from ingress.limits.limit import Ask
from ingress.limits.local import LocalMeter
from tests.ingress.limits.contract import rates
meter, words = LocalMeter(Path(sys.argv[1])), sys.argv[2:]
limit = rates("p", "1000/m", concurrent=int(words[0]))
take = meter.account([(limit, "anna")])
if words[2:] == ["the long way"]:
    take = lambda: meter.take([(limit, "anna")])
passed = 0
for _ in range(int(words[1])):
    while True:
        verdict = take()
        if not hasattr(verdict, "close"):
            break
        verdict.close()
    passed += not getattr(verdict, "refused", ())
print(passed, flush=True)
sys.stdin.read()
"""


class TestInMemory(MeterContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    async def meter(self, clock: Clock) -> AsyncIterator[Meter]:
        meter = LocalMeter(None, clock=clock)
        yield meter
        await meter.close()

    @pytest.fixture
    def peer(self, meter: Meter) -> Meter:
        return meter

    @pytest.fixture
    async def model(self, clock: Clock) -> AsyncIterator[Meter]:
        model = LocalMeter(None, clock=clock)
        yield model
        await model.close()


class TestInFiles(TestInMemory):
    @pytest.fixture
    async def meter(self, clock: Clock, tmp_path: Path) -> AsyncIterator[Meter]:
        meter = LocalMeter(tmp_path / "limits", clock=clock)
        yield meter
        await meter.close()

    @pytest.fixture
    async def peer(self, clock: Clock, tmp_path: Path) -> AsyncIterator[Meter]:
        peer = LocalMeter(tmp_path / "limits", clock=clock)
        yield peer
        await peer.close()


_HOLD = """
import sys
from pathlib import Path
from ingress.limits.local import LocalMeter
from tests.ingress.limits.contract import rates
meter, limit = LocalMeter(Path(sys.argv[1])), rates("a", "5/m")
table = meter._table(limit)
table.locks.enter(table.row("anna").stripe)
print("held", flush=True)
sys.stdin.read()
"""


def _start(program: str, folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_count_exactly(tmp_path: Path) -> None:
    """Several processes that hammer one limit let exactly so many pass together, either way."""
    ways = [[], ["the long way"], [], []]
    children = [_start(_CALL, tmp_path / "limits", "0", "800", *way) for way in ways]
    passed = [int((child.stdout or sys.stdin).readline()) for child in children]
    for child in children:
        child.communicate()
    assert sum(passed) == 1000


_CALLS = """
import sys
from pathlib import Path
from ingress.limits.limit import limits
from ingress.limits.local import LocalMeter
from tests.ingress.limits.contract import rates
meter, words = LocalMeter(Path(sys.argv[1])), sys.argv[2:]
(quota,) = limits("q", quotas={"month": 700})
(wide,) = limits("w", quotas={"month": 1000})
asks = {"anna": ((rates("p", "900/m"), "anna"), (quota, "anna"), (wide, "all")),
        "ben": ((rates("p", "900/m"), "ben"), (quota, "ben"), (wide, "all"))}
takes = {key: meter.account(asked) for key, asked in asks.items()}
passed = dict.fromkeys(asks, 0)
for key in list(asks) * int(words[0]):
    while True:
        verdict = takes[key]()
        if not hasattr(verdict, "close"):
            break
        verdict.close()
    passed[key] += not getattr(verdict, "refused", ())
print(*passed.values(), flush=True)
"""


def test_processes_count_exactly_under_several_limits_and_keys(tmp_path: Path) -> None:
    """Where calls of two keys also count as one, none of all three counts is ever too many."""
    children = [_start(_CALLS, tmp_path / "limits", "400") for _ in range(3)]
    told = [child.communicate()[0].split() for child in children]
    anna, ben = (sum(int(words[number]) for words in told) for number in (0, 1))
    assert anna + ben == 1000
    assert max(anna, ben) <= 700


async def test_places_of_a_killed_process_come_back(tmp_path: Path) -> None:
    """What a process held that was killed is free for others."""
    child = _start(_CALL, tmp_path / "limits", "5", "5")
    assert child.stdout is not None
    assert child.stdout.readline() == "5\n"
    meter = LocalMeter(tmp_path / "limits")
    ask = (rates("p", "1000/m", concurrent=5), "anna")
    assert (await take(meter, ask)).refused
    child.kill()
    child.communicate()

    async def free() -> bool:
        return not (await take(meter, ask)).refused

    await eventually(free)
    await meter.close()


async def test_counts_outlive_the_process(tmp_path: Path) -> None:
    """A gateway that is started again goes on where it was."""
    limit = rates("a", "5/m")
    for passed in (3, 2, 0):
        meter = LocalMeter(tmp_path / "limits")
        assert await passes(meter, limit, 3) == passed
        await meter.close()


async def test_a_process_that_stands_still_holds_up_nobody_for_long(tmp_path: Path) -> None:
    """A row that is held for longer than a moment is a store that is down, not a hang."""
    limit = rates("a", "5/m")
    meter = LocalMeter(tmp_path / "limits")
    meter.prepare(limit)
    holder = _start(_HOLD, tmp_path / "limits")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    os.kill(holder.pid, signal.SIGSTOP)
    calls = [take(meter, (limit, "anna")) for _ in range(3)]
    refusals = await asyncio.gather(*calls, return_exceptions=True)
    assert {str(one) for one in refusals} == {"store_down: another process holds the counters"}
    with pytest.raises(Fault, match="another process"):
        await meter.reset(limit, "anna")
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    assert await passes(meter, limit, 9) == 5
    await meter.close()


async def test_a_folder_that_cannot_be_used_is_a_store_that_is_down(tmp_path: Path) -> None:
    """Where no table can be made, nothing is counted and the reason is told."""
    (tmp_path / "limits").write_text("a file")
    meter = LocalMeter(tmp_path / "limits")
    with pytest.raises(Fault, match="no table for limits"):
        await take(meter, (rates("a", "5/m"), "anna"))
    await meter.close()
