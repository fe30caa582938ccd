"""Counts of one route that wait to be poured into the metrics.

A metric of prometheus_client takes a lock, or a write into a shared file, for
each number: 5 µs a request for all of them. Here a request is a handful of
additions to plain integers, 1 µs; what they add up to is poured on a few times
a second.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from ingress.flow import Flow

# From the 1 ms of a cached broker round trip to the 30 s of the longest route.
BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

# HTTP status, fault code ("" for none), whose fault ("" for none).
Outcome = tuple[int, str, str]


class Durations:
    """A histogram that waits: how many fell under each bound, and their sum in seconds."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Count one; like Prometheus, a bound is part of the bucket below it."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


class Tally:
    """What ended on one route since it was poured out last."""

    __slots__ = ("gateway", "outcomes", "queue", "request", "retries", "worker")

    def __init__(self) -> None:
        self.outcomes: dict[Outcome, int] = {}
        self.retries = 0
        # The first is for every request, the others for those that were sent.
        self.request, self.gateway = Durations(), Durations()
        self.queue, self.worker = Durations(), Durations()

    @property
    def times(self) -> Sequence[Durations]:
        """All four, in the order of :data:`TIMES`."""
        return self.request, self.gateway, self.queue, self.worker

    def add(self, flow: Flow) -> None:
        """Count one finished Flow."""
        fault = flow.fault
        key = (flow.status, fault.code, fault.kind.blame.value) if fault else (flow.status, "", "")
        self.outcomes[key] = self.outcomes.get(key, 0) + 1
        self.request.add(flow.finished - flow.received)
        if not flow.attempts:
            return
        self.gateway.add(flow.gateway)
        self.queue.add(flow.queued)
        self.worker.add(flow.worker)
        if flow.attempts > 1:
            self.retries += flow.attempts - 1

    def __repr__(self) -> str:
        return f"<Tally of {sum(self.outcomes.values())}>"


# Name and meaning of the histograms that a Tally holds.
TIMES: Final = (
    ("request_duration", "From the request to its answer."),
    ("gateway_duration", "The part of it that the gateway itself took."),
    ("queue_duration", "The part of it in queues and on the way."),
    ("worker_duration", "The part of it that workers say they worked."),
)
