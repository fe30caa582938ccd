"""What can be measured. ``SUITES`` makes each suite, given the connections that were asked for."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec.structs import replace

from bench.catalogue import AMQPLIB_WORKER, PEERS, QUEUEGATE, SANIC
from bench.gateway import queuegate
from bench.suite import Case, Load, Suite
from bench.suites import callers, idle, rpc

Connections = tuple[int, ...]

_KILO: Final = 1000
_SIZES: Final = (100, _KILO, 10 * _KILO, 100 * _KILO, _KILO * _KILO, 10 * _KILO * _KILO)


def peers(connections: Connections) -> Suite:
    loads = _loads(connections or (1, 16, 64, 256))
    worker = Case(AMQPLIB_WORKER, _loads(connections or (64,)))
    systems = (QUEUEGATE, *PEERS, SANIC)
    return Suite(
        name="peers",
        what="POST /echo, 90 bytes of JSON: HTTP to broker to worker and back",
        baseline="queuegate",
        cases=(*(Case(system, loads) for system in systems), worker),
        chart=True,
    )


def policies(connections: Connections) -> Suite:
    off = {"log": False, "breaker": "off", "retry": "off"}
    json = {"media": ["application/json"], "wellformed": True}
    systems = (
        QUEUEGATE,
        queuegate("no-log", "without its log line", settings={"log": False}),
        queuegate("no-breaker", "without breaker", settings={"breaker": "off"}),
        queuegate("no-retry", "without retry", settings={"retry": "off"}),
        queuegate("none", "without any of the three", settings=off),
        queuegate("no-lane", "with the lane off: plain aio-pika", query="?lane=off"),
        queuegate("body", "with the body parsed and checked too", settings={"body": json}),
        *callers.systems(),
    )
    loads = _loads(connections or (64,))
    return Suite(
        name="policies",
        what="what each policy costs, and the lane brings: everything on, and one by one off",
        baseline="queuegate",
        cases=tuple(Case(system, loads) for system in systems),
    )


def routes(connections: Connections) -> Suite:
    loads = _loads(connections or (64,))
    return Suite(
        name="routes",
        what="1 to 1,000 routes; the last one is asked",
        baseline="routes-1",
        cases=tuple(
            Case(queuegate(f"routes-{count}", f"{count} routes", routes=count), loads)
            for count in (1, 10, 100, 1000)
        ),
    )


def bodies(connections: Connections) -> Suite:
    # Of 10 MB two at a time: the gateway refuses calls (503 broker_blocked) while more than 16 MiB
    # wait for the broker to read them, and refusals are not what is measured here.
    loads = tuple(
        Load(count, _body(size))
        for size in _SIZES
        for count in connections or ((16,) if size < _SIZES[-1] else (2,))
    )
    return Suite(
        name="bodies",
        what="bodies of 100 B to 10 MB, there and back",
        baseline="queuegate",
        # 10 MB there and back, two at a time, may take longer than 5 s.
        cases=(Case(queuegate(settings={"timeout": "30s"}), loads),),
    )


def workers(connections: Connections) -> Suite:
    # Enough to keep all workers busy; more would only wait in the queue.
    waiting = _loads(connections or (16,))
    busy = _loads(connections or (64,))
    counts = (1, 2, 4, 8)
    slow = (
        queuegate(
            f"slow-{count}",
            f"20 ms of waiting, {count} workers",
            operation="slow.work",
            workers=count,
        )
        for count in counts
    )
    echo = (queuegate(f"echo-{count}", f"echo, {count} workers", workers=count) for count in counts)
    return Suite(
        name="workers",
        what="1 to 8 worker processes",
        baseline="slow-1",
        cases=(
            *(Case(system, waiting) for system in slow),
            *(Case(system, busy) for system in echo),
        ),
    )


def journal(connections: Connections) -> Suite:
    # The calls have a queue of their own, so the stream is named otherwise.
    stores = {"": ("", {}), "stream-": (", in a stream", {"store": "stream:journal"})}
    systems = (
        queuegate("off", "without a journal"),
        *(
            queuegate(
                f"{prefix}{level}",
                f"journal: {level}{where}",
                settings={"journal": level},
                top={"journal": store},
                counts='queuegate_journal_records_total{result="written"}',
            )
            for prefix, (where, store) in stores.items()
            for level in ("metadata", "full")
        ),
    )
    loads = _loads(connections or (64,))
    return Suite(
        name="journal",
        what="what the journal costs, in an SQLite file and in a RabbitMQ stream",
        baseline="off",
        cases=tuple(Case(system, loads) for system in systems),
        rounds=5,
    )


def cached(connections: Connections) -> Suite:
    page = {"route": "GET /page", "cache": {}}
    systems = (
        queuegate("cached", "a hit, everything on", settings=page, operation="bench.page"),
        queuegate(
            "cached-no-log",
            "a hit, without its log line",
            settings={**page, "log": False},
            operation="bench.page",
        ),
        queuegate(
            "not-cached",
            "the same page from the worker each time",
            settings={"route": "GET /page"},
            operation="bench.page",
        ),
        SANIC,
    )
    loads = _loads(connections or (64,))
    return Suite(
        name="cached",
        what="GET of a page of 90 bytes that is stored, against Sanic sending the same bytes",
        baseline="sanic-bare",
        cases=tuple(Case(replace(one, path="/page", get=True), loads) for one in systems),
        rounds=5,
    )


def smoke(connections: Connections) -> Suite:
    loads = _loads(connections or (16,))
    return Suite(
        name="smoke",
        what="does the benchmark run: a few seconds, for CI",
        baseline="queuegate",
        cases=(Case(QUEUEGATE, loads), Case(SANIC, loads)),
        rounds=1,
        seconds=1.0,
    )


SUITES: Final[Mapping[str, Callable[[Connections], Suite]]] = {
    "peers": peers,
    "policies": policies,
    "routes": routes,
    "bodies": bodies,
    "workers": workers,
    "idle": idle.suite,
    "rpc": rpc.suite,
    "journal": journal,
    "cached": cached,
    "smoke": smoke,
}


def _loads(connections: Connections) -> tuple[Load, ...]:
    return tuple(Load(count) for count in connections)


def _body(size: int) -> bytes:
    """Make a JSON document of exactly this many bytes."""
    return b'{"note":"' + b"x" * (size - 11) + b'"}'
