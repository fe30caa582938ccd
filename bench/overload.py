"""What ten times the load costs: the excess, or everybody.

    python -m bench.overload [--seconds 8] [--json]

One gateway, one worker process with four places and 40 ms of work for each call, so that the
capacity (100 calls/s) is far below what gateway, broker and machine can do. Requests come at a
given rate, whatever becomes of those before. Goodput counts answers with 200. Exits with 1 when
with `shed` ten times the capacity gives less than 90 % of the peak goodput, or the p99 of what is
admitted is twice that without load or more.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.openloop import OpenLoop, Sample
from bench.scaling import process, wait_for
from tests.harness.ports import free_port
from tests.harness.rabbitmq import PrivateRabbitMQ

CAPACITY: Final = 100.0
# Seconds at the start of each row that are not judged: the limit has to be found.
WARM_UP: Final = 2.0
LEAST_GOODPUT, MOST_SLOWER = 0.9, 2.0
# Milliseconds by which requests may be sent too late before the run is worth nothing.
MOST_LAG: Final = 50.0
URGENT: Final = ("/urgent", *["/shed"] * 19)

ROUTES = """
broker: ${BROKER_URL}
defaults: {timeout: 1s, log: false}
services: {work: {}, bounded: {}}
routes:
  - {route: GET /shed, operation: work.work, shed: {}}
  - {route: GET /urgent, operation: work.work, shed: {}, priority: 9}
  - {route: GET /bounded, operation: bounded.work, retry: off}
  - {route: GET /plain, operation: work.work, retry: off, breaker: off}
"""

SERVICE = """
import asyncio
from queuegate import Queue, Service

work = Service("work", concurrency=4, queue=Queue(name="work", max_priority=9))
bounded = Service("bounded", concurrency=4, queue=Queue(name="bounded", max_length=1))

async def operation() -> str:
    await asyncio.sleep(0.04)
    return "done"

for service in (work, bounded):
    service.operation(name="work", idempotent=True)(operation)
"""


class Row(msgspec.Struct):
    """One load and what came of it; rates a second, times in ms, ``urgent`` is the share served."""

    name: str
    offered: float
    goodput: float
    p50: float
    p99: float
    refused: float
    refusal_p50: float
    late: float
    lag_p99: float
    urgent: float | None = None


def measure(port: int, name: str, paths: tuple[str, ...], load: float, seconds: float) -> Row:
    """Offer so many times the capacity."""
    loop = OpenLoop(port, paths, load * CAPACITY, seconds + WARM_UP)
    samples = [one for one in asyncio.run(loop.run()) if one.due >= WARM_UP]
    served = _sorted(samples, 200)
    refused = _sorted(samples, 503)
    urgent = [one.status == 200 for one in samples if one.path == "/urgent"]  # noqa: PLR2004
    return Row(
        name=name,
        offered=len(samples) / seconds,
        goodput=len(served) / seconds,
        p50=_at(served, 0.5),
        p99=_at(served, 0.99),
        refused=len(refused) / seconds,
        refusal_p50=_at(refused, 0.5),
        late=(len(samples) - len(served) - len(refused)) / seconds,
        lag_p99=_at(sorted(lag * 1000 for lag in loop.lags), 0.99),
        urgent=sum(urgent) / len(urgent) if urgent else None,
    )


def _sorted(samples: Sequence[Sample], status: int) -> list[float]:
    return sorted(one.took * 1000 for one in samples if one.status == status)


def _at(times: Sequence[float], part: float) -> float:
    return times[int(len(times) * part)] if times else 0.0


def verdicts(rows: Sequence[Row]) -> list[tuple[bool, str]]:
    """Hold the rows against what is promised."""
    alone, *others, flooded = rows[:4]
    peak = max(row.goodput for row in (*others, flooded))
    return [
        (
            flooded.goodput >= LEAST_GOODPUT * peak,
            f"goodput at ten times the capacity: {flooded.goodput / peak:.0%} of the peak",
        ),
        (
            flooded.p99 < MOST_SLOWER * alone.p99,
            f"p99 of what is admitted: {flooded.p99 / alone.p99:.2f} times that without load",
        ),
    ]


def render(rows: Sequence[Row]) -> str:
    """Write the table."""
    lines = [
        f"{'load':<26}  offered  goodput   p50 ms   p99 ms  refused in ms   late  urgent",
    ]
    for row in rows:
        urgent = "" if row.urgent is None else f"{row.urgent:.0%}"
        lines.append(
            f"{row.name:<26}  {row.offered:>7.0f}  {row.goodput:>7.0f}  {row.p50:>7.1f}"
            f"  {row.p99:>7.1f}  {row.refused:>7.0f} {row.refusal_p50:>5.1f}  {row.late:>5.0f}"
            f"  {urgent:>6}"
        )
    worst = max(row.lag_p99 for row in rows)
    lines.append(f"(the generator itself was up to {worst:.1f} ms late, p99)")
    if worst > MOST_LAG:
        lines.append("The machine was busy with something else: this run says nothing.")
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> int:
    """Run and print; ``words`` are the command line's, sys.argv's when left out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as name, PrivateRabbitMQ() as rabbitmq:
        folder, port = Path(name), free_port()
        (folder / "gateway.yaml").write_text(ROUTES)
        (folder / "service.py").write_text(SERVICE)
        rabbitmq.create_vhost("overload")
        env = {**os.environ, "BROKER_URL": rabbitmq.url("overload"), "LOG_LEVEL": "ERROR"}
        # The checkout for our packages, the folder for the service.
        env["PYTHONPATH"] = f"{Path(__file__).parent.parent}"
        serve = ("serve", "--port", str(port), "--admin-port", str(free_port()))
        work = ("worker", "service:work", "service:bounded")
        with process(*serve, env=env, cwd=folder), process(*work, env=env, cwd=folder):
            wait_for(port, "/shed")
            wait_for(port, "/bounded")
            rows = [
                measure(port, title, paths, load, options.seconds) for title, paths, load in _LOADS
            ]
    found = verdicts(rows)
    if options.json:
        told = [msgspec.to_builtins(row) for row in rows]
        print(json.dumps({"rows": told, "verdicts": found}))
    else:
        print(render(rows))
        for good, text in found:
            print(f"{'reached' if good else 'NOT REACHED'}: {text}")
    return 0 if all(good for good, _ in found) else 1


_LOADS: Final = (
    ("a quarter, shed", ("/shed",), 0.25),
    ("the capacity, shed", ("/shed",), 1.0),
    ("twice, shed", ("/shed",), 2.0),
    ("ten times, shed", ("/shed",), 10.0),
    ("ten times, 5 % urgent", URGENT, 10.0),
    ("ten times, bounded queue", ("/bounded",), 10.0),
    ("ten times, nothing", ("/plain",), 10.0),
)

if __name__ == "__main__":
    sys.exit(main())
