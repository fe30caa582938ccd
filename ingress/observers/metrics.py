"""Prometheus metrics: the owner of prometheus_client.

Base units and names as the Prometheus naming guide asks: seconds, ``_total``.
Labels are routes as declared, never paths, so their number is bounded. A
request is counted in a Tally; ``flush`` pours the tallies out, before each
scrape and a few times a second.

Several gateway processes share one admin port. Then the environment names a
folder in ``PROMETHEUS_MULTIPROC_DIR``, every process keeps its values in a
file there, and whichever answers a scrape adds them all up.
"""

import asyncio
import os
from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from contracts.brokers.port import State
from ingress.flow import Flow
from ingress.observers.tally import BOUNDS, TIMES, Durations, Tally

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"

# From what is usual under load to what breaks the promise of an answer by its deadline.
_LAGS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)

# Workers name their own fault codes. So many different ones a process get a
# label of their own; the rest share one, so that no worker can fill a memory.
_CODES: Final = 200
_CALLERS: Final = 1000
_OTHER: Final = "other"

_BROKER: Final = {State.DOWN: 0, State.BLOCKED: 1, State.UP: 2}
_BREAKER: Final = {"closed": 0, "half-open": 1, "open": 2}


class _Pourable(Histogram):
    """A histogram that takes many observations at once, which prometheus_client has no call for."""

    def absorb(self, durations: Durations) -> None:
        self._sum.inc(durations.total)
        for bucket, count in zip(self._buckets, durations.counts, strict=True):
            if count:
                bucket.inc(count)


class Metrics:
    """Counts and times finished Flows, and what the operator watches besides."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._requests = Counter(
            "queuegate_requests",
            "Requests answered, by route, HTTP status and fault code (empty: none).",
            ["route", "status", "code"],
            registry=registry,
        )
        self._faults = Counter(
            "queuegate_faults",
            "Requests that ended in a fault, and whose fault it was.",
            ["route", "code", "blame"],
            registry=registry,
        )
        self._retries = Counter(
            "queuegate_retries", "Attempts after the first.", ["route"], registry=registry
        )
        self._times = [
            _Pourable(
                f"queuegate_{name}_seconds", text, ["route"], registry=registry, buckets=BOUNDS
            )
            for name, text in TIMES
        ]
        self._breaker = Gauge(
            "queuegate_breaker_state",
            "The circuit of a route: 0 closed, 1 half-open, 2 open.",
            ["route"],
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._broker = Gauge(
            "queuegate_broker_state",
            "The broker: 0 down, 1 blocked, 2 up.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._dropped = Counter(
            "queuegate_replies_dropped",
            "Replies without a call: late, duplicate, never ours (orphan), cancelled as told.",
            ["reason"],
            registry=registry,
        )
        self._reloads = Counter(
            "queuegate_reloads", "Reloads of the route file.", ["result"], registry=registry
        )
        self._held = Gauge(
            "queuegate_held",
            "What a policy that holds places counts: calls in flight, waiting, its limit.",
            ["route", "policy", "what"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._consumers = Gauge(
            "queuegate_queue_consumers",
            "Who consumes from a queue, as it was last seen.",
            ["queue"],
            registry=registry,
            multiprocess_mode="livemostrecent",
        )
        self._loop_lag = Histogram(
            "queuegate_loop_lag_seconds",
            "How late the event loop was, looked at ten times a second.",
            registry=registry,
            buckets=_LAGS,
        )
        self._mirrored = Counter(
            "queuegate_mirrored",
            "Copies of calls for a mirror: sent, dropped, or the fault's code.",
            ["route", "outcome"],
            registry=registry,
        )
        self._versions = Counter(
            "queuegate_version_requests",
            "Requests for a version of the API, by caller (empty: nobody known).",
            ["version", "caller"],
            registry=registry,
        )
        self._callers: set[str] = set()
        self._codes: set[str] = set()
        self._tallies: dict[str, Tally] = {}

    def __call__(self, flow: Flow) -> None:
        """Observe one finished Flow."""
        tally = self._tallies.get(flow.route)
        if tally is None:
            tally = self._tallies[flow.route] = Tally()
        tally.add(flow)

    def flush(self) -> None:
        """Pour what was observed into the metrics that are scraped, of all processes."""
        tallies, self._tallies = self._tallies, {}
        for route, tally in tallies.items():
            for (status, code, blame), count in tally.outcomes.items():
                label = self._label(code)
                self._requests.labels(route, str(status), label).inc(count)
                if blame:
                    self._faults.labels(route, label, blame).inc(count)
            if tally.retries:
                self._retries.labels(route).inc(tally.retries)
            for histogram, durations in zip(self._times, tally.times, strict=True):
                histogram.labels(route).absorb(durations)

    def _label(self, code: str) -> str:
        if code in self._codes:
            return code
        if len(self._codes) >= _CODES:
            return _OTHER
        self._codes.add(code)
        return code

    def broker(self, state: State, _reason: str = "") -> None:
        """Note the broker's state."""
        self._broker.set(_BROKER[state])

    def breaker(self, route: str, state: str) -> None:
        """Note the state of a route's circuit: closed, half-open or open."""
        self._breaker.labels(route).set(_BREAKER[state])

    def dropped(self, reason: str) -> None:
        """Count a reply that no call waited for."""
        self._dropped.labels(reason).inc()

    def mirrored(self, route: str, outcome: str) -> None:
        """Count a copy of a call for a mirror: sent, dropped, or the fault's code."""
        self._mirrored.labels(route, outcome).inc()

    def versioned(self, version: str, caller: str) -> None:
        """Count a request for a version of the API; callers beyond a thousand are one."""
        if caller not in self._callers:
            if len(self._callers) >= _CALLERS:
                caller = _OTHER
            self._callers.add(caller)
        self._versions.labels(version, caller).inc()

    def reloaded(self, *, ok: bool) -> None:
        """Count a reload of the route file."""
        self._reloads.labels("ok" if ok else "refused").inc()

    def held(self, route: str, policy: str, counts: Mapping[str, float]) -> None:
        """Note what a policy of the slot HOLD counts now."""
        for what, count in counts.items():
            self._held.labels(route, policy, what).set(count)

    def consumers(self, queue: str, count: int) -> None:
        """Note who consumes from a queue."""
        self._consumers.labels(queue).set(count)

    def loop_lag(self, seconds: float) -> None:
        """Note how late the event loop was."""
        self._loop_lag.observe(seconds)

    def render(self) -> bytes:
        """Give the exposition text, of all processes if there are several."""
        self.flush()
        return self._text()

    async def scrape(self) -> bytes:
        """Give what `render` gives, without a stop of the event loop.

        A few hundred routes are some megabytes, which take a tenth of a second and more.
        """
        self.flush()
        return await asyncio.to_thread(self._text)

    def _text(self) -> bytes:
        if _FOLDER not in os.environ:
            return generate_latest(self.registry)
        whole = CollectorRegistry()
        MultiProcessCollector(whole)  # type: ignore[no-untyped-call]
        return generate_latest(whole)


def forget(pid: int, folder: str) -> None:
    """Drop the gauges of a process that is gone; its counts stay counted."""
    mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
