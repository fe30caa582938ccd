"""What was measured, as it stands in ``latest.json``."""

from typing import Final

import msgspec

FORMAT: Final = 1


class Parts(msgspec.Struct, frozen=True):
    """A figure for each of the three parties; ``None`` where there is none, or it is elsewhere."""

    edge: float | None = None
    worker: float | None = None
    broker: float | None = None

    @property
    def total(self) -> float:
        """The sum of what is known."""
        return sum(part for part in (self.edge, self.worker, self.broker) if part is not None)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One system under one load, once.

    Times are microseconds, memory is bytes. ``cpu`` is CPU time a request. ``memory`` is the peak
    (VmHWM) since the system was started. ``problems`` make the row invalid: it is shown, and
    counts for nothing.
    """

    system: str
    connections: int
    round: int
    requests: int = 0
    seconds: float = 0.0
    rps: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    cpu: Parts = Parts()
    memory: Parts = Parts()
    extra: dict[str, float] = {}
    problems: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether it may be counted."""
        return not self.problems


class Spread(msgspec.Struct, frozen=True):
    """One figure over the rounds."""

    min: float
    median: float
    max: float


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One system under one load, over all rounds: medians.

    ``ratio`` is the baseline's requests a second over this system's, round by round: above 1 the
    baseline is faster.
    """

    system: str
    title: str
    connections: int
    rounds: int
    rps: float
    p50: float
    p99: float
    cpu: Parts
    memory: Parts
    extra: dict[str, float] = {}
    ratio: Spread | None = None


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table of what must be reached."""

    what: str
    wanted: str
    measured: Spread | None
    met: bool | None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one suite."""

    suite: str
    what: str
    baseline: str
    began: str
    took: float
    commit: str
    machine: dict[str, str]
    versions: dict[str, str]
    rounds: int
    seconds: float
    rows: list[Row]
    lines: list[Line]
    checks: list[Check]


class Book(msgspec.Struct, kw_only=True):
    """``latest.json``: the latest run of each suite."""

    format: int = FORMAT
    suites: dict[str, Result] = {}
