"""What slow clients cost the others.

    python -m bench.slow_clients [--clients 2000] [--seconds 4] [--rounds 5] [--json]

One gateway with a worker in its process, on the embedded broker and with the settings that it has
by itself. Others ask at a steady rate: alone, while so many slow clients come, beside them, and
while they go. The slow ones drip their headers or bodies, read no answer, or say nothing, and come
again when they are thrown out.

Exits with 1 when one of the others has no answer, or when the p99 beside the slow ones is twice
that of the same round without them or more, in the median of the rounds. What it is while a crowd
comes or goes is told and not judged. Exits with 1 too when the machine had other things to do, so
that nothing can be said: gateway and client waited for a CPU for more than 5 % of the time when
they were alone. Where that is allowed, ``chrt -r 10 python -m bench.slow_clients`` lets nothing
come between.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

import msgspec

from bench import proc
from bench.openloop import OpenLoop
from bench.scaling import process, wait_for
from contracts import heap
from tests.harness.ports import free_port
from tests.harness.waiting import wait_until

RATE: Final = 200.0
MOST_SLOWER: Final = 2.0
MOST_STARVED: Final = 0.05
_ROOT: Final = Path(__file__).parent.parent
_OK: Final = 200

ROUTES: Final = """
services: {shop: {module: "shop:shop"}}
defaults: {log: false}
routes:
  - {route: GET /echo, operation: shop.echo}
  - {route: POST /echo, operation: shop.echo}
  - {route: GET /large, operation: shop.large}
"""
SERVICE: Final = """
from queuegate import Service

shop = Service("shop")

@shop.operation()
async def echo() -> str:
    return "ok"

@shop.operation()
async def large() -> bytes:
    return bytes(262_144)
"""


class Row(msgspec.Struct):
    """One measurement of the others; times in ms, memory in MiB, CPU as a share of a core.

    ``starved`` is for how long gateway and client, which had work, waited for a CPU, as a share of
    the time; ``stolen`` what the host took from all CPUs of the machine.
    """

    phase: str
    p50: float
    p99: float
    longest: float
    failed: int
    memory: float
    cpu: float
    starved: float
    stolen: float


class Crowd:
    """Slow clients in a process of their own."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self._child = child

    @classmethod
    @contextmanager
    def coming(cls, port: int, count: int) -> Iterator[Self]:
        """Have them come; who is still there at the end of the block goes."""
        words = [sys.executable, "-m", "bench.programs.slow_crowd", str(port), str(count)]
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT, text=True
        ) as child:
            crowd = cls(child)
            try:
                yield crowd
            finally:
                crowd.go()

    def complete(self) -> None:
        """Wait for the last of them."""
        assert self._child.stdout is not None
        assert self._child.stdout.readline() == "complete\n"

    def go(self) -> None:
        """Have them go."""
        assert self._child.stdin is not None
        self._child.stdin.close()

    def became(self) -> str:
        """Say how many there were when they were told to go, and how often which were cut off."""
        assert self._child.stdout is not None
        return self._child.stdout.read().strip()


class Stage:
    """The gateway and its port, and who asks it."""

    def __init__(self, port: int, gateway: int) -> None:
        self.port = port
        self._gateway = gateway
        self._files = self._open_files()

    def measure(self, phase: str, seconds: float) -> Row:
        """Ask at the steady rate for so long."""
        before = self._spent()
        samples = asyncio.run(OpenLoop(self.port, ("/echo",), RATE, seconds).run())
        cpu, starved, stolen = (now - then for now, then in zip(self._spent(), before, strict=True))
        times = sorted(one.took * 1000 for one in samples if one.status == _OK) or [0.0]
        return Row(
            phase=phase,
            p50=times[len(times) // 2],
            p99=times[int(len(times) * 0.99)],
            longest=times[-1],
            failed=sum(one.status != _OK for one in samples),
            memory=proc.memory(self._gateway) / 1024**2,
            cpu=cpu / seconds,
            starved=starved / seconds,
            stolen=stolen / seconds,
        )

    def round(self, clients: int, seconds: float) -> tuple[list[Row], str]:
        """Measure alone, while slow clients come, beside them, and while they go."""
        rows = [self.measure("alone", seconds)]
        with Crowd.coming(self.port, clients) as crowd:
            rows.append(self.measure("coming", seconds / 2))
            crowd.complete()
            rows.append(self.measure("beside", seconds))
            crowd.go()
            rows.append(self.measure("going", seconds / 4))
            said = crowd.became()
        wait_until(lambda: self._open_files() <= self._files + clients // 20, within=30)
        return rows, said

    def _spent(self) -> tuple[float, float, float]:
        starved = proc.starved_seconds(self._gateway) + proc.starved_seconds(os.getpid())
        return proc.cpu_seconds(self._gateway), starved, proc.stolen_seconds()

    def _open_files(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self._gateway}/fd").iterdir())


def slower(rows: Sequence[Row]) -> list[float]:
    """Give how many times slower the p99 was beside slow clients, round by round."""
    alone, beside = ([row.p99 for row in rows if row.phase == name] for name in ("alone", "beside"))
    return [with_them / without for without, with_them in zip(alone, beside, strict=True)]


def verdicts(rows: Sequence[Row]) -> list[tuple[bool, str]]:
    """Hold the rows against what is promised."""
    times = slower(rows)
    usual = statistics.median(times)
    spread = f"from {min(times):.2f} to {max(times):.2f} in {len(times)} rounds"
    failed = sum(row.failed for row in rows)
    starved = statistics.median(row.starved for row in rows if row.phase == "alone")
    return [
        (not failed, f"requests of the others without an answer of 200: {failed}"),
        (usual < MOST_SLOWER, f"p99 beside slow clients: {usual:.2f} times that alone, {spread}"),
        (
            starved <= MOST_STARVED,
            f"a quiet machine: gateway and client alone waited for a CPU {starved:.1%} of the time",
        ),
    ]


def run(clients: int, seconds: float, rounds: int) -> tuple[list[Row], list[str]]:
    """Measure so many rounds; also say what became of the slow clients in each."""
    # What this process has by now is not looked at while it takes times.
    heap.settle()
    rows: list[Row] = []
    said: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        (folder / "gateway.yaml").write_text(ROUTES)
        (folder / "shop.py").write_text(SERVICE)
        env = {**os.environ, "PYTHONPATH": str(_ROOT), "LOG_LEVEL": "ERROR", "BROKER_URL": ""}
        words = ("dev", "--no-reload", "--port", str(port), "--admin-port", str(free_port()))
        with process(*words, env=env, cwd=folder) as gateway:
            wait_for(port, "/echo")
            stage = Stage(port, gateway.pid)
            stage.measure("warm-up", min(1.0, seconds))
            for _ in range(rounds):
                measured, line = stage.round(clients, seconds)
                rows += measured
                said.append(line)
    return rows, said


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Write the rows, and the medians of each phase below them."""
    yield (
        "slow clients      p50 ms  p99 ms  longest  failed  gateway MiB   CPU"
        "  waited for a CPU  stolen"
    )
    for row in rows:
        yield _line(row.phase, row)
    for phase in dict.fromkeys(row.phase for row in rows):
        these = [row for row in rows if row.phase == phase]
        yield _line(
            f"{phase} (median)",
            Row(
                phase=phase,
                failed=sum(row.failed for row in these),
                **{
                    name: statistics.median(getattr(row, name) for row in these)
                    for name in Row.__struct_fields__
                    if name not in {"phase", "failed"}
                },
            ),
        )


def _line(name: str, row: Row) -> str:
    return (
        f"{name:16}  {row.p50:>6.2f}  {row.p99:>6.2f}  {row.longest:>7.1f}  {row.failed:>6}"
        f"  {row.memory:>11.0f}  {row.cpu:>4.0%}  {row.starved:>16.1%}  {row.stolen:>6.1%}"
    )


def main(words: Sequence[str] | None = None) -> int:
    """Run and print; ``words`` are the command line's, sys.argv's when left out."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rows, said = run(options.clients, options.seconds, options.rounds)
    found = verdicts(rows)
    if options.json:
        told = [msgspec.to_builtins(row) for row in rows]
        print(json.dumps({"rows": told, "crowds": said, "verdicts": found}))
    else:
        for line in table(rows):
            print(line)
        for line in said:
            print(f"at the end, and how often thrown out: {line}")
        for good, text in found:
            print(f"{'reached' if good else 'NOT REACHED'}: {text}")
    return 0 if all(good for good, _ in found) else 1


if __name__ == "__main__":
    sys.exit(main())
