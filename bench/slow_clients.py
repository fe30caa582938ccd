"""What slow clients cost the others.

    python -m bench.slow_clients [--clients 2000] [--seconds 5] [--rounds 3] [--json]

One gateway with a worker in its process, on the embedded broker and with the settings that it has
by itself. Others ask at a steady rate, alone and beside so many slow clients in turn; these drip
their headers or bodies, read no answer, or say nothing, and come again when they are thrown out.
Exits with 1 when one of the others has no answer, or the p99 beside the slow ones is twice that
without them or more (the median of the rounds).
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
from typing import Final

import msgspec

from bench import proc
from bench.openloop import OpenLoop
from bench.scaling import process, wait_for
from tests.harness.ports import free_port

RATE: Final = 200.0
MOST_SLOWER: Final = 2.0
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
    """One measurement of the others; times in ms, memory in MiB, CPU as a share of a core."""

    slow: int
    p50: float
    p99: float
    failed: int
    memory: float
    cpu: float


@contextmanager
def crowd(port: int, count: int, said: list[str]) -> Iterator[None]:
    """Have slow clients in a process of their own; what became of them goes to ``said``."""
    words = [sys.executable, "-m", "bench.programs.slow_crowd", str(port), str(count)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == "complete\n"
            yield
        finally:
            child.stdin.close()
            said.append(child.stdout.read().strip())


def measure(port: int, gateway: int, slow: int, seconds: float) -> Row:
    """Ask at the steady rate for so long."""
    before = proc.cpu_seconds(gateway)
    samples = asyncio.run(OpenLoop(port, ("/echo",), RATE, seconds).run())
    times = sorted(one.took * 1000 for one in samples if one.status == _OK)
    return Row(
        slow=slow,
        p50=times[len(times) // 2] if times else 0.0,
        p99=times[int(len(times) * 0.99)] if times else 0.0,
        failed=len(samples) - len(times),
        memory=proc.memory(gateway) / 1024**2,
        cpu=(proc.cpu_seconds(gateway) - before) / seconds,
    )


def verdicts(rows: Sequence[Row]) -> list[tuple[bool, str]]:
    """Hold the rows against what is promised."""
    alone = statistics.median(row.p99 for row in rows if not row.slow)
    beside = statistics.median(row.p99 for row in rows if row.slow)
    failed = sum(row.failed for row in rows)
    return [
        (not failed, f"requests of the others without an answer of 200: {failed}"),
        (beside < MOST_SLOWER * alone, f"p99 beside slow clients: {beside / alone:.2f} times"),
    ]


def run(clients: int, seconds: float, rounds: int) -> tuple[list[Row], list[str]]:
    """Measure, alone and beside slow clients in turn."""
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
            measure(port, gateway.pid, 0, 1.0)
            for _ in range(rounds):
                rows.append(measure(port, gateway.pid, 0, seconds))
                with crowd(port, clients, said):
                    rows.append(measure(port, gateway.pid, clients, seconds))
    return rows, said


def main(words: Sequence[str] | None = None) -> int:
    """Run and print; ``words`` are the command line's, sys.argv's when left out."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
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
        print("slow clients   p50 ms   p99 ms   failed   gateway MiB   CPU")
        for row in rows:
            print(
                f"{row.slow:>12}  {row.p50:>7.2f}  {row.p99:>7.2f}"
                f"  {row.failed:>7}  {row.memory:>12.0f}  {row.cpu:>4.0%}"
            )
        for line in said:
            print(f"at the end, and how often thrown out: {line}")
        for good, text in found:
            print(f"{'reached' if good else 'NOT REACHED'}: {text}")
    return 0 if all(good for good, _ in found) else 1


if __name__ == "__main__":
    sys.exit(main())
