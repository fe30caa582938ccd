"""Rows as a run would give them, for the tests of what is made from rows."""

from bench.record import Parts, Row
from bench.suite import Case, Load, Suite
from bench.system import Program, System


def row(system: str, number: int = 1, **figures: object) -> Row:
    """Make a valid row of one system in one round, at 64 connections."""
    plain = {"connections": 64, "requests": 100, "rps": 1000.0, "p50": 1000.0, "p99": 2000.0}
    return Row(system=system, round=number, **{**plain, **figures})  # type: ignore[arg-type]


def parts(edge: float) -> Parts:
    return Parts(edge=edge, worker=1.0, broker=None)


def suite(*names: str) -> Suite:
    """Make a suite whose baseline is the first of these systems."""
    systems = (System(name, name.title(), edge=lambda _stage: Program(())) for name in names)
    cases = tuple(Case(system, (Load(64),)) for system in systems)
    return Suite(name="peers", what="an echo", baseline=names[0], cases=cases)
