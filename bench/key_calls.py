"""What keys and limits cost in whole calls: a gateway under load, with them and without.

The systems are those of ``make bench SUITE=policies``, measured in turn, in as many rounds.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from bench import install
from bench.places import WORK
from bench.progress import Progress
from bench.record import Row
from bench.rounds import Bench
from bench.runner import chosen
from bench.suites import SUITES
from tests.harness.rabbitmq import PrivateRabbitMQ, find_broker

GOAL_MICROSECONDS: Final = 12.0
"""What all together may cost the edge more than none of it."""

_ALL: Final = "key-limit-quota"
_SYSTEMS: Final = ("key", "limit", _ALL)


def measure(seconds: float, rounds: int) -> int:
    """Measure and print; give the exit code."""
    suite = chosen(SUITES["policies"](()), _SYSTEMS)
    WORK.mkdir(exist_ok=True)
    install.wrk()
    with (
        PrivateRabbitMQ(find_broker()()) as rabbitmq,
        tempfile.TemporaryDirectory(dir=WORK) as folder,
    ):
        rows = Bench(rabbitmq, seconds, rounds, Progress(), Path(folder)).measure(suite)
    costs = edge_costs(rows)
    for line in table(costs, suite.baseline, suite.titles):
        print(line)
    if not {suite.baseline, _ALL} <= set(costs):
        print("not all could be measured")
        return 1
    well = costs[_ALL] - costs[suite.baseline] <= GOAL_MICROSECONDS
    print("as it should be" if well else f"too much: at most {GOAL_MICROSECONDS:.0f}")
    return 0 if well else 1


def edge_costs(rows: Sequence[Row]) -> dict[str, float]:
    """Give the µs of the edge's CPU a call of each system, over its valid rounds."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if row.valid and row.cpu.edge is not None:
            found.setdefault(row.system, []).append(row.cpu.edge)
    return {system: median(costs) for system, costs in found.items()}


def table(costs: Mapping[str, float], baseline: str, titles: Mapping[str, str]) -> list[str]:
    """Write a line for each system, with what it costs more than the baseline."""
    lines = []
    for system, title in titles.items():
        if system in costs:
            line = f"{title:<62} {costs[system]:>5.1f} µs of the edge's CPU a call"
            if system != baseline and baseline in costs:
                line += f", {costs[system] - costs[baseline]:+.1f}"
            lines.append(line)
    return lines
