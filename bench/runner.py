"""One run of one suite: prepare, measure, sum up, write."""

import os
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench import book, install, machine
from bench.checks import Goal, check
from bench.places import WORK
from bench.progress import Progress
from bench.record import Result, Row
from bench.rounds import Bench
from bench.suite import Suite
from bench.suites import SUITES
from bench.summary import lines
from tests.harness.rabbitmq import URL_VARIABLE, PrivateRabbitMQ, find_broker


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for; ``None`` and empty take the suite's own."""

    suite: str
    out: Path
    rounds: int | None = None
    seconds: float | None = None
    only: tuple[str, ...] = ()
    connections: tuple[int, ...] = ()
    chart: bool = True


def run(wish: Wish, progress: Progress) -> Result:
    """Measure and write ``latest.json``, or ``partial.json`` when systems are left out.

    Raises ``MissingError`` when something that is needed cannot be had, and ``ValueError`` for a
    system that the suite does not have.
    """
    suite = chosen(SUITES[wish.suite](wish.connections), wish.only)
    rounds, seconds = wish.rounds or suite.rounds, wish.seconds or suite.seconds
    WORK.mkdir(exist_ok=True)
    if suite.cases:
        install.wrk()
    needs = dict.fromkeys(case.system.needs for case in suite.cases if case.system.needs)
    if suite.name == "idle" and "fastify-amqplib" in suite.titles:
        needs["fastify_amqplib"] = None
    install.peers(list(needs), progress)
    on, moment, began = machine.describe(), datetime.now(UTC), time.monotonic()
    node = find_broker()()
    with PrivateRabbitMQ(node) as rabbitmq, tempfile.TemporaryDirectory(dir=WORK) as folder:
        if URL_VARIABLE not in os.environ:
            # What RabbitMQ has by default; the tests' 1 GB is soon full of bodies of 10 MB.
            node.ctl("set_vm_memory_high_watermark", "0.4")
        broker = rabbitmq.management.call("GET", "/overview")
        bench = Bench(rabbitmq, seconds, rounds, progress, Path(folder))
        rows = bench.measure(suite, wish.connections)
    result = Result(
        suite=suite.name,
        what=suite.what,
        baseline=suite.baseline,
        began=moment.isoformat(timespec="seconds"),
        took=time.monotonic() - began,
        commit=machine.commit(),
        machine=on,
        versions={
            **machine.versions(broker["rabbitmq_version"]),
            "erlang": broker["erlang_version"],
        },
        rounds=rounds,
        seconds=seconds,
        rows=rows,
        lines=lines(suite, rows),
        checks=check(suite.name, rows, lambda goal: _asked(goal, suite, rows)),
    )
    if wish.only:
        # docs/performance.md is made from latest.json: half a comparison must not get into it.
        book.write(wish.out / "partial.json", result)
        return result
    book.write(wish.out / "latest.json", result)
    if suite.chart and wish.chart and result.lines:
        _draw(wish.out, suite.name, progress)
    return result


def chosen(suite: Suite, only: tuple[str, ...]) -> Suite:
    """Leave out all systems but these, and never the baseline."""
    if unknown := set(only) - set(suite.titles):
        message = (
            f"no system {', '.join(sorted(unknown))} in {suite.name}: it has "
            f"{', '.join(suite.titles)}"
        )
        raise ValueError(message)
    wanted = {*only, suite.baseline} if only else set(suite.titles)
    return msgspec.structs.replace(
        suite,
        cases=tuple(case for case in suite.cases if case.system.name in wanted),
        probes=tuple(probe for probe in suite.probes if probe.name in wanted),
    )


def _asked(goal: Goal, suite: Suite, rows: list[Row]) -> bool:
    """Tell whether both systems of a goal were to be measured at its connections."""
    tried = {(row.system, row.connections) for row in rows}
    tried |= {(row.system, goal.connections) for row in rows if row.problems}
    return {goal.upper, goal.lower} <= set(suite.titles) and all(
        (name, goal.connections) in tried for name in (goal.upper, goal.lower)
    )


def _draw(out: Path, suite: str, progress: Progress) -> None:
    python = install.chart(progress)
    script = Path(__file__).with_name("chart.py")
    words = [str(python), str(script), str(out / "latest.json"), suite, str(out)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        # Hours of figures are not lost for a picture.
        progress.say(f"no chart: {done.stderr.strip()[-500:]}")
