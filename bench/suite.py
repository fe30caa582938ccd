"""A suite: which systems are measured, under which loads, against which baseline."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.record import Row
from bench.system import System

# 90 bytes, as a small order has.
BODY: Final = (
    b'{"order":"o-20394","sku":"tea-oolong","quantity":2,"note":"leave it with the neighbours."}'
)


class Load(msgspec.Struct, frozen=True):
    """How a system is asked: how many connections, and with which body."""

    connections: int
    body: bytes = BODY


class Case(msgspec.Struct, frozen=True):
    """A system with the loads that it gets, one after the other."""

    system: System
    loads: tuple[Load, ...]


class Context(msgspec.Struct, frozen=True):
    """What a suite that measures by itself is given."""

    url: str
    """AMQP URL of a vhost of its own."""
    broker: int | None
    """The id of the broker's process, if it is on this machine."""
    seconds: float
    connections: tuple[int, ...]
    round: int
    folder: Path
    """An empty one, for files and logs."""


Measure = Callable[[Context], Sequence[Row]]


class Probe(msgspec.Struct, frozen=True):
    """A measurement of another kind than wrk's; gives its rows for one round."""

    name: str
    title: str
    measure: Measure
    seconds: float = 0.0
    """About how long it takes beside the seconds that the user asks for."""


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """``cases`` are measured with wrk, ``probes`` measure by themselves."""

    name: str
    what: str
    baseline: str
    cases: tuple[Case, ...] = ()
    probes: tuple[Probe, ...] = ()
    rounds: int = 3
    seconds: float = 5.0
    chart: bool = False

    @property
    def titles(self) -> dict[str, str]:
        """The title of each system."""
        cases = {case.system.name: case.system.title for case in self.cases}
        return cases | {probe.name: probe.title for probe in self.probes}
