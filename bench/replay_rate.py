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
from typing import Final, NamedTuple

from bench import proc, wrk
from bench.gateway import queuegate
from bench.system import Running, System, started
from tests.harness.processes import ROOT, queuegate_command
from tests.harness.rabbitmq import PrivateRabbitMQ

GOAL: Final = 0.80
BODY: Final = b'{"sku": "tea-oolong", "quantity": 2, "note": "nothing but a body of ninety bytes"}'

WAYS: Final = {"through the gateway": "--to", "straight to the queue": "--direct"}
_US: Final = 1e6


def recorded(store: str) -> System:
    """Give a gateway that records everything into this store."""
    return queuegate(
        "replayed",
        settings={"journal": "full"},
        top={"journal": {"store": store}, "replay": {"key": "for-the-benchmark-alone"}},
    )


class Rate(NamedTuple):
    """Calls a second, and the microseconds of CPU that the gateway spent on each."""

    calls: float
    cpu: float


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(prog="python -m bench.replay_rate", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="how long wrk calls, each time")
    parser.add_argument("--connections", type=int, default=64, help="those of wrk")
    # More than wrk's: a client in Python is slower to ask again, and so many wait at the gateway.
    parser.add_argument("--concurrency", type=int, default=256, help="that of the replay")
    parser.add_argument("--store", default="journal.db", help="or stream:journal")
    wish = parser.parse_args()
    shares: dict[str, list[float]] = {way: [] for way in WAYS}
    with PrivateRabbitMQ() as node, tempfile.TemporaryDirectory() as folder:
        url, runs = node.create_vhost("replay"), Path(folder)
        with started(recorded(wish.store), url, BODY, runs) as running:
            home = next(runs.glob("replayed-*"))
            place = Place(home, url, running, wish.connections, wish.concurrency)
            for number in range(1, wish.rounds + 1):
                since = time.time_ns() // 1_000_000
                before = place.live(wish.seconds)
                place.settle(since)
                found = {way: place.replay(since, option) for way, option in WAYS.items()}
                # Before and after, since a machine that others use is never twice the same.
                after = place.live(wish.seconds)
                live = (before.calls + after.calls) / 2
                print(f"round {number}: live {live:,.0f}/s ({before.cpu:.0f} µs a call)", end="")
                for way, rate in found.items():
                    shares[way].append(rate.calls / live)
                    cpu = f" ({rate.cpu:.0f} µs)" if way == "through the gateway" else ""
                    print(
                        f", {way} {rate.calls:,.0f}/s{cpu}, ratio {rate.calls / live:.2f}", end=""
                    )
                print(flush=True)
    medians = {way: statistics.median(some) for way, some in shares.items()}
    for way, median in medians.items():
        print(f"{way}: {median:.2f} of the live rate (median of {wish.rounds})")
    return 0 if medians["through the gateway"] >= GOAL else 1


class Place:
    """A gateway with its journal, to be called and replayed to."""

    def __init__(
        self, home: Path, url: str, running: Running, connections: int, concurrency: int
    ) -> None:
        self._home = home
        self._url = url
        self._running = running
        self._connections = connections
        self._concurrency = concurrency
        self._asked = 0
        self._body = home / "body"
        self._body.write_bytes(BODY)

    def __repr__(self) -> str:
        return f"<Place {self._home}>"

    def live(self, seconds: float) -> Rate:
        """Call it as fast as answers come."""
        url = f"http://127.0.0.1:{self._running.port}{self._running.path}"
        cpu = proc.cpu_seconds(self._running.edge)
        told = wrk.run(url, self._body, self._connections, seconds)
        used = proc.cpu_seconds(self._running.edge) - cpu
        self._asked = told.requests
        return Rate(told.requests / told.microseconds * _US, used / told.requests * _US)

    def settle(self, since: int) -> None:
        """Wait until the journal has what was sent: its last batch may be on the way."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            done = self._run("--dry-run", "--since", str(since))
            if done.returncode == 0 and json.loads(done.stdout)["total"] >= self._asked:
                return
            time.sleep(0.5)
        raise RuntimeError("the journal does not have what was sent")

    def replay(self, since: int, option: str) -> Rate:
        """Replay all that was recorded since then."""
        where = [option] + [f"http://127.0.0.1:{self._running.port}"] * (option == "--to")
        words = ("--since", str(since), "--unsafe", "--again", "--broker", self._url)
        cpu = proc.cpu_seconds(self._running.edge)
        done = self._run(*where, *words, "--concurrency", str(self._concurrency))
        used = proc.cpu_seconds(self._running.edge) - cpu
        if done.returncode:
            raise RuntimeError(f"the replay failed: {done.stderr[-1000:]}{done.stdout[-1000:]}")
        told = json.loads(done.stdout)
        return Rate(float(told["rate"]), used / told["sent"] * _US)

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        # The route file takes the broker from the environment; --broker says which.
        env = {**os.environ, "PYTHONPATH": str(ROOT), "BROKER_URL": self._url}
        command = queuegate_command("replay", "run", *words, "--json")
        return subprocess.run(
            command, cwd=self._home, capture_output=True, text=True, check=False, env=env
        )


if __name__ == "__main__":
    sys.exit(main())
