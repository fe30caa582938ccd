"""What must be reached, and whether it was."""

from collections.abc import Callable, Sequence
from typing import Final, Literal

import msgspec

from bench.record import Check, Row
from bench.summary import Figure, over


class Goal(msgspec.Struct, frozen=True):
    """A figure of one system over the same figure of another, at one number of connections."""

    suite: str
    what: str
    figure: Figure
    upper: str
    lower: str
    connections: int
    least_or_most: Literal["at least", "at most"]
    wanted: float


def _rps(row: Row) -> float:
    return row.rps


def _p50(row: Row) -> float:
    return row.p50


def _p99(row: Row) -> float:
    return row.p99


def _edge(row: Row) -> float | None:
    return row.cpu.edge


def _worker(row: Row) -> float | None:
    return row.cpu.worker


def _recorded(system: str, title: str, share: float) -> Goal:
    return Goal("journal", f"requests/s {title}", _rps, system, "off", 64, "at least", share)


def _faster(peer: str, title: str, times: float) -> Goal:
    what = f"requests/s against {title}"
    return Goal("peers", what, _rps, "queuegate", peer, 64, "at least", times)


_FASTIFY: Final = "against Fastify + amqplib"
_AGAINST_SANIC: Final = "edge CPU a request against Sanic alone"
_AGAINST_AMQPLIB: Final = "worker CPU a call against an amqplib worker"
_AGAINST_ONE: Final = "edge CPU a request, 1,000 routes against 1"
_AGAINST_NONE: Final = "with metadata against without a journal"
_AGAINST_NONE_FULL: Final = "with full recording against without a journal"
_HIT: Final = "edge CPU of a hit against Sanic sending the same bytes"
_AGAINST_FLOOR: Final = "calls/s without HTTP against the broker port in a tight loop"

GOALS: Final = (
    _faster("fastify-amqplib", "Fastify + amqplib", 1.2),
    Goal("peers", f"p99 {_FASTIFY}", _p99, "queuegate", "fastify-amqplib", 64, "at most", 0.6),
    Goal("peers", f"p50 {_FASTIFY}", _p50, "queuegate", "fastify-amqplib", 1, "at most", 0.6),
    _faster("nestjs", "NestJS RMQ", 1.6),
    _faster("moleculer", "Moleculer", 1.7),
    _faster("sanic-aiopika", "Sanic + plain aio-pika", 4),
    _faster("nameko", "nameko", 10),
    _faster("fastapi-faststream", "FastAPI + FastStream", 10),
    Goal("peers", _AGAINST_SANIC, _edge, "queuegate", "sanic-bare", 64, "at most", 1.5),
    Goal("peers", _AGAINST_AMQPLIB, _worker, "queuegate", "amqplib-worker", 64, "at most", 0.8),
    Goal("routes", _AGAINST_ONE, _edge, "routes-1000", "routes-1", 64, "at most", 1.03),
    _recorded("metadata", _AGAINST_NONE, 0.96),
    _recorded("full", _AGAINST_NONE_FULL, 0.90),
    _recorded("stream-metadata", f"{_AGAINST_NONE}, in a stream", 0.96),
    _recorded("stream-full", f"{_AGAINST_NONE_FULL}, in a stream", 0.90),
    Goal("cached", _HIT, _edge, "cached", "sanic-bare", 64, "at most", 1.3),
    Goal("rpc", _AGAINST_FLOOR, _rps, "rpc", "floor", 64, "at least", 0.7),
)


def check(suite: str, rows: Sequence[Row], asked: Callable[[Goal], bool]) -> list[Check]:
    """Hold the rows against the goals of their suite; ``asked`` leaves out what was not measured.

    A goal that was asked for and could not be measured is not met.
    """
    return [_check(goal, rows) for goal in GOALS if goal.suite == suite and asked(goal)]


def _check(goal: Goal, rows: Sequence[Row]) -> Check:
    upper, lower = (
        [row for row in rows if row.system == name and row.connections == goal.connections]
        for name in (goal.upper, goal.lower)
    )
    measured = over(upper, lower, goal.figure)
    met = False
    if measured is not None and goal.least_or_most == "at least":
        met = measured.median >= goal.wanted
    elif measured is not None:
        met = measured.median <= goal.wanted
    return Check(
        what=f"{goal.what}, {goal.connections} at a time",
        wanted=f"{goal.least_or_most} {goal.wanted:g}",
        measured=measured,
        met=met,
    )
