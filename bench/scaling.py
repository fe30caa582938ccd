"""How throughput grows with workers: 1, 2 and 4 processes on a real RabbitMQ.

    python -m bench.scaling [--seconds 8] [--json]

One gateway process; an operation that takes 20 ms, one at a time a worker; 32 clients that ask as
fast as they are answered. Prints calls a second, the growth against one worker, and each worker's
share of the calls against an even share. Exits with 1 when growth is under 0.9 times linear or a
share is more than 15 % off.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.harness.ports import free_port
from tests.harness.rabbitmq import PrivateRabbitMQ

CLIENTS = 32
LEAST_GROWTH, MOST_UNEVEN = 0.9, 0.15

ROUTES = """
broker: ${BROKER_URL}
routes:
  - route: POST /work
    operation: bench.work
    timeout: 30s
"""

SERVICE = """
import asyncio, os
from queuegate import Reply, Service

service = Service("bench", concurrency=1)

@service.operation()
async def work() -> str:
    await asyncio.sleep(0.02)
    return str(os.getpid())
"""


@contextmanager
def process(*words: str, env: dict[str, str], cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a queuegate command for the time of the block."""
    child = subprocess.Popen([sys.executable, "-m", "ingress.cli", *words], env=env, cwd=cwd)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(30)


async def load(port: int, seconds: float, workers: int) -> Counter[str]:
    """Ask for ``seconds`` once every worker has answered; count answers by worker."""
    answers: Counter[str] = Counter()
    limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
    base = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=base, limits=limits, trust_env=False) as client:
        seen: set[str] = set()
        async with asyncio.timeout(30):
            while len(seen) < workers:
                got = await asyncio.gather(*(client.post("/work") for _ in range(8)))
                seen |= {one.text for one in got if one.status_code == 200}  # noqa: PLR2004
        end = time.perf_counter() + seconds

        async def one_client() -> None:
            while time.perf_counter() < end:
                answer = await client.post("/work")
                answer.raise_for_status()
                if time.perf_counter() < end:
                    answers[answer.text] += 1

        await asyncio.gather(*(one_client() for _ in range(CLIENTS)))
    return answers


def measure(url: str, folder: Path, workers: int, seconds: float) -> dict[str, float]:
    """Measure one number of workers."""
    port = free_port()
    env = {**os.environ, "BROKER_URL": url, "LOG_LEVEL": "WARNING"}
    # The checkout for our packages, the folder for the service.
    env["PYTHONPATH"] = f"{Path(__file__).parent.parent}"
    serve = ("serve", "--port", str(port), "--admin-port", str(free_port()))
    work = ("worker", "service:service", "--processes", str(workers))
    with process(*serve, env=env, cwd=folder), process(*work, env=env, cwd=folder):
        wait_for(port, "/")
        answers = asyncio.run(load(port, seconds, workers))
    even = sum(answers.values()) / workers
    return {
        "workers": workers,
        "calls_per_second": sum(answers.values()) / seconds,
        "worst_share": max(abs(count - even) / even for count in answers.values()),
    }


def wait_for(port: int, path: str) -> None:
    """Wait until the gateway answers, and no longer that a queue is missing."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            if answer.status_code != 503:  # noqa: PLR2004
                return
            time.sleep(0.05)
    msg = "the gateway did not come up within 20 s"
    raise SystemExit(msg)


def main(words: Sequence[str] | None = None) -> int:
    """Run and print; ``words`` are the command line's, sys.argv's when left out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as name, PrivateRabbitMQ() as rabbitmq:
        folder = Path(name)
        (folder / "gateway.yaml").write_text(ROUTES)
        (folder / "service.py").write_text(SERVICE)
        rabbitmq.create_vhost("scaling")
        rows = [
            measure(rabbitmq.url("scaling"), folder, workers, options.seconds)
            for workers in (1, 2, 4)
        ]
    for row in rows:
        row["growth"] = row["calls_per_second"] / rows[0]["calls_per_second"] / row["workers"]
    if options.json:
        print(json.dumps(rows))
    else:
        print("workers   calls/s   growth / linear   worst share off even")
        for row in rows:
            print(
                f"{row['workers']:>7}   {row['calls_per_second']:>7.1f}   {row['growth']:>15.2f}"
                f"   {row['worst_share']:>19.1%}"
            )
    good = all(r["growth"] >= LEAST_GROWTH and r["worst_share"] <= MOST_UNEVEN for r in rows)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
