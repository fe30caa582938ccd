"""How fast calls are replayed, as a share of the rate at which they came.

``python -m bench.replay_rate`` lets wrk call a gateway with a full journal on a RabbitMQ of its
own, then replays what was recorded, through the same gateway and straight to the queue, in turns so
that a busy machine hurts all alike. Exits with 1 when the replay through the gateway is below the
goal.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from bench import wrk
from bench.gateway import queuegate
from bench.system import Running, started
from tests.harness.processes import ROOT, queuegate_command
from tests.harness.rabbitmq import PrivateRabbitMQ

GOAL: Final = 0.80
BODY: Final = b'{"sku": "tea-oolong", "quantity": 2, "note": "nothing but a body of ninety bytes"}'

SYSTEM: Final = queuegate(
    "replayed",
    settings={"journal": "full"},
    top={"journal": {"store": "journal.db"}, "replay": {"key": "for-the-benchmark-alone"}},
)
WAYS: Final = {"through the gateway": "--to", "straight to the queue": "--direct"}


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(prog="python -m bench.replay_rate", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="how long wrk calls, each round")
    parser.add_argument("--connections", type=int, default=64)
    wish = parser.parse_args()
    shares: dict[str, list[float]] = {way: [] for way in WAYS}
    with PrivateRabbitMQ() as node, tempfile.TemporaryDirectory() as folder:
        url, runs = node.create_vhost("replay"), Path(folder)
        body = runs / "body"
        body.write_bytes(BODY)
        with started(SYSTEM, url, BODY, runs) as running:
            home = next(runs.glob("replayed-*"))
            for number in range(wish.rounds):
                since = time.time_ns() // 1_000_000
                target = f"http://127.0.0.1:{running.port}{running.path}"
                told = wrk.run(target, body, wish.connections, wish.seconds)
                live = told.requests / told.microseconds * 1e6
                _settle(home, since, told.requests)
                for way, option in WAYS.items():
                    rate = _replay(home, url, running, since, option, wish.connections)
                    shares[way].append(rate / live)
                    print(
                        f"round {number + 1}: live {live:,.0f}/s, {way} {rate:,.0f}/s,"
                        f" ratio {rate / live:.2f}",
                        flush=True,
                    )
    medians = {way: statistics.median(found) for way, found in shares.items()}
    for way, median in medians.items():
        print(f"{way}: {median:.2f} of the live rate (median of {wish.rounds})")
    return 0 if medians["through the gateway"] >= GOAL else 1


def _settle(home: Path, since: int, count: int) -> None:
    """Wait until the journal has what wrk has sent: its last batch may be on the way."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        words = queuegate_command("replay", "run", "--dry-run", "--since", str(since), "--json")
        done = _run(home, words)
        if done.returncode == 0 and json.loads(done.stdout)["total"] >= count:
            return
        time.sleep(0.5)
    message = "the journal does not have what was sent"
    raise RuntimeError(message)


def _replay(
    home: Path, url: str, running: Running, since: int, option: str, connections: int
) -> float:
    """Replay all that was recorded since then; gives the calls a second."""
    where = (option, f"http://127.0.0.1:{running.port}") if option == "--to" else (option,)
    words = queuegate_command(
        *("replay", "run", *where, "--since", str(since), "--unsafe", "--again", "--json"),
        *("--concurrency", str(connections), "--broker", url),
    )
    done = _run(home, words)
    if done.returncode:
        raise RuntimeError(f"the replay failed: {done.stderr[-1000:]}{done.stdout[-1000:]}")
    told = json.loads(done.stdout)
    return float(told["rate"])


def _run(home: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    # The route file takes the broker from the environment; --broker says which.
    env = {**os.environ, "PYTHONPATH": str(ROOT), "BROKER_URL": "amqp://localhost"}
    return subprocess.run(words, cwd=home, capture_output=True, text=True, check=False, env=env)


if __name__ == "__main__":
    sys.exit(main())
