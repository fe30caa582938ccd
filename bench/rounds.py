"""Measures a suite: round by round, each round all systems in turn, in another order."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from msgspec.structs import replace

from bench import proc, wrk
from bench.progress import Progress
from bench.record import Parts, Row
from bench.suite import Case, Context, Load, Probe, Suite
from bench.system import Running, StartError, echoes, started
from bench.table import connections_of
from bench.tally import Tally
from tests.harness.rabbitmq import PrivateRabbitMQ

T = TypeVar("T")

# What a start with its first answer takes, for the estimate of the time that is left.
_START_SECONDS: Final = 4.0
_WARM_UP: Final = 2.0
_SHORT: Final = 2.0


class Bench:
    """Measures suites on one broker.

    Args:
        rabbitmq: the broker; each system has a vhost of its own on it.
        seconds: how long each load lasts.
        rounds: how often each is measured.
        progress: is told what happens.
        folder: an empty one, for route files and logs.
    """

    def __init__(
        self,
        rabbitmq: PrivateRabbitMQ,
        seconds: float,
        rounds: int,
        progress: Progress,
        folder: Path,
    ) -> None:
        self._rabbitmq = rabbitmq
        self._seconds = seconds
        self._rounds = rounds
        self._progress = progress
        self._folder = folder
        self._broker = proc.listener(urlsplit(rabbitmq.url()).port or 5672)
        self._vhosts = 0

    def measure(self, suite: Suite, connections: tuple[int, ...] = ()) -> list[Row]:
        """Measure all of a suite; a system that does not start gives a row that says so."""
        rows: list[Row] = []
        self._progress.plan(self._rounds * self._one_round(suite))
        for number in range(1, self._rounds + 1):
            for case in _rotated(suite.cases, number - 1):
                rows += self._measure_case(case, number)
            for probe in _rotated(suite.probes, number - 1):
                rows += self._measure_probe(probe, number, connections)
        self._progress.done()
        for row in rows:
            if not row.valid:
                self._progress.say(
                    f"invalid: {row.system}, {connections_of(row.connections)}, "
                    f"round {row.round}: {'; '.join(row.problems)}"
                )
        return rows

    def _one_round(self, suite: Suite) -> float:
        cases = sum(self._case_seconds(case) for case in suite.cases)
        return cases + sum(self._seconds + probe.seconds for probe in suite.probes)

    def _case_seconds(self, case: Case) -> float:
        return _START_SECONDS + self._warm_up + self._seconds * len(case.loads)

    @property
    def _warm_up(self) -> float:
        """Compilers at run time (V8, Erlang's) need a moment; a smoke test does not wait for it."""
        return _WARM_UP if self._seconds > _SHORT else 1.0

    def _measure_case(self, case: Case, number: int) -> Iterator[Row]:
        system = case.system
        where = f"round {number}/{self._rounds}  {system.name}"
        self._progress.step(f"{where}  starts", _START_SECONDS + self._warm_up)
        missing = {load.connections for load in case.loads}
        try:
            with self._vhost() as url, self._started(case, url) as running:
                if self._broker:
                    proc.forget_peak(self._broker)
                tally = Tally(running)
                tally.problems(self._drive(running, case.loads[0], self._warm_up).requests)
                for load in case.loads:
                    size = f"  {len(load.body)} bytes" if load.body != case.loads[0].body else ""
                    what = f"{where}  {connections_of(load.connections)}{size}"
                    self._progress.step(what, self._seconds)
                    row = self._measure_load(system.name, running, load, number)
                    yield replace(row, problems=row.problems + tally.problems(row.requests))
                    missing.discard(load.connections)
        except (StartError, wrk.WrkError) as error:
            self._progress.say(str(error))
            for connections in sorted(missing):
                yield Row(
                    system=system.name,
                    connections=connections,
                    round=number,
                    problems=(str(error).partition("\n")[0],),
                )

    def _measure_load(self, name: str, running: Running, load: Load, number: int) -> Row:
        # Who has no worker leaves the broker alone.
        pids = (running.edge, running.worker, self._broker if running.worker else None)
        before = [proc.cpu_seconds(pid) if pid else None for pid in pids]
        told = self._drive(running, load, self._seconds)
        after = [proc.cpu_seconds(pid) if pid else None for pid in pids]
        used = [
            None if begin is None or end is None else (end - begin) * 1e6 / max(told.requests, 1)
            for begin, end in zip(before, after, strict=True)
        ]
        seconds = told.microseconds / 1e6
        return Row(
            system=name,
            connections=load.connections,
            round=number,
            requests=told.requests,
            seconds=seconds,
            rps=told.requests / seconds,
            p50=told.p50,
            p99=told.p99,
            cpu=Parts(*used),
            memory=Parts(*(float(proc.peak_memory(pid)) if pid else None for pid in pids)),
            extra={"body": float(len(load.body))},
            problems=told.problems,
        )

    def _drive(self, running: Running, load: Load, seconds: float) -> wrk.Told:
        body = self._folder / "body"
        body.write_bytes(b"" if running.get else load.body)
        url = f"http://127.0.0.1:{running.port}{running.path}"
        told = wrk.run(url, body, load.connections, seconds, running.headers)
        # wrk hangs up on what it has not been answered. One more call ends after the workers have
        # done with those, so that they are not the next measurement's.
        asked = (running.port, running.path, load.body)
        echoes(*asked, get=running.get, headers=running.headers)
        return told

    def _started(self, case: Case, url: str) -> AbstractContextManager[Running]:
        return started(case.system, url, case.loads[0].body, self._folder)

    def _measure_probe(
        self, probe: Probe, number: int, connections: tuple[int, ...]
    ) -> Sequence[Row]:
        what = f"round {number}/{self._rounds}  {probe.name}"
        self._progress.step(what, self._seconds + probe.seconds)
        with self._vhost() as url:
            context = Context(url, self._broker, self._seconds, connections, number, self._folder)
            try:
                return probe.measure(context)
            except StartError as error:
                self._progress.say(str(error))
                problem = str(error).partition("\n")[0]
                return [Row(system=probe.name, connections=0, round=number, problems=(problem,))]

    @contextmanager
    def _vhost(self) -> Iterator[str]:
        """A vhost of its own, so that no queue of one system is there for the next."""
        self._vhosts += 1
        name = f"bench-{self._vhosts}"
        try:
            yield self._rabbitmq.create_vhost(name)
        finally:
            self._rabbitmq.delete_vhost(name)


def _rotated(items: tuple[T, ...], by: int) -> tuple[T, ...]:
    by %= max(len(items), 1)
    return (*items[by:], *items[:by])
