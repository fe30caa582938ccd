"""How long it takes to find records: ``python -m bench.journal_find [--records N]``.

Fills a journal file with a million requests to forty routes, of which some fail and some are slow,
and asks for the last fifty of one filter after another. Exit code 1 when one took over 100 ms.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ingress.journal.filter import Filter
from ingress.journal.record import Content, Record
from ingress.journal.sqlite.reader import SqliteReader
from ingress.journal.sqlite.store import SqliteStore

GOAL: Final = 0.1
_BATCH: Final = 5000
_START: Final = 1_764_000_000_000
_HOUR: Final = 3_600_000
_ROUTES: Final = tuple(f"GET /v1/things{number}/{{id}}" for number in range(40))
# Weights of what comes back: most is well.
_OUTCOMES: Final = ((200, ""), (201, ""), (404, "not_found"), (503, "busy"), (504, "deadline"))
_WEIGHTS: Final = (900, 60, 30, 8, 2)


def main() -> int:
    """Measure and print; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.journal_find", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="queuegate-journal-") as folder:
        path = Path(folder) / "journal.db"
        took = _fill(path, options.records)
        size = path.stat().st_size / 1024**2
        rate = options.records / took
        print(f"{options.records:,} records, {size:,.0f} MiB, written at {rate:,.0f}/s")
        return _measure(path, options.records, options.rounds)


def _fill(path: Path, count: int) -> float:
    store = SqliteStore(path)
    begun = time.perf_counter()
    for first in range(0, count, _BATCH):
        store.write(list(_records(first, min(first + _BATCH, count), count)))
    store.close()
    return time.perf_counter() - begun


def _records(first: int, last: int, count: int) -> Iterator[Record]:
    chance = random.Random(first)
    for number in range(first, last):
        status, code = chance.choices(_OUTCOMES, _WEIGHTS)[0]
        rare = number == count // 3
        yield Record(
            id=f"{number:028x}",
            started=_START + number * 3,
            method="GET",
            path=f"/v1/things/{number}",
            # One single request of one route, long ago.
            route="GET /v1/rare" if rare else chance.choice(_ROUTES),
            operation="things.get",
            status=status,
            code=code,
            attempts=1,
            duration_us=int(chance.lognormvariate(8.5, 1)) + 5_000_000 * (code == "deadline"),
            client=f"10.0.{chance.randrange(4)}.{chance.randrange(256)}",
            caller="" if number % 100_000 else "alice",
            content=Content(query="limit=5"),
        )


def _measure(path: Path, count: int, rounds: int) -> int:
    last = _START + count * 3
    filters = {
        "all": Filter(),
        "the last hour": Filter(since=last - _HOUR),
        "an hour long ago": Filter(since=_START, until=_START + _HOUR),
        "a route": Filter(routes=_ROUTES[:1]),
        "a route of one request": Filter(routes=("GET /v1/rare",)),
        "no such route": Filter(routes=("GET /v1/never",)),
        "5xx": Filter(statuses=((500, 599),)),
        "404 of a route": Filter(statuses=((404, 404),), routes=_ROUTES[:1]),
        "2xx": Filter(statuses=((200, 299),)),
        "a fault's code": Filter(codes=("deadline",)),
        "slower than 500 ms": Filter(slower=500_000),
        "slower than 3 s, of a route": Filter(slower=3_000_000, routes=_ROUTES[:1]),
        "slower than anything": Filter(slower=3_600_000_000),
        "a caller": Filter(callers=("alice",)),
        "an IP address": Filter(callers=("10.0.1.7",)),
        "an IP address, 5xx": Filter(callers=("10.0.1.7",), statuses=((500, 599),)),
        "an id": Filter(ids=(f"{count // 2:028x}",)),
        "a method nobody used": Filter(methods=("DELETE",)),
        "replays": Filter(replayed=True),
    }
    reader = SqliteReader(path)
    slow = 0
    print(f"{'the last 50 of':<30} {'found':>5} {'median ms':>10} {'most ms':>8}")
    for name, wanted in filters.items():
        times, found = [], 0
        for _ in range(rounds):
            begun = time.perf_counter()
            found = len(list(reader.find(wanted, limit=50)))
            times.append(time.perf_counter() - begun)
        slow += max(times) > GOAL
        median = sorted(times)[len(times) // 2]
        print(f"{name:<30} {found:>5} {median * 1000:>10.1f} {max(times) * 1000:>8.1f}")
    print(f"{'all under' if not slow else f'{slow} over'} {GOAL * 1000:.0f} ms")
    reader.close()
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
