"""Sections of a route that can be switched off, each as ``NAME: {...}`` or ``NAME: off``.

How they overlay each other is in ``layers``; what they do is in ``dispatch`` and in ``policies``.
"""

from typing import Annotated, Final

from pydantic import Field

from ingress.branches import Switchable
from ingress.values import Duration, Section, Share

MAX_TIMEOUT: Final = 3600.0
"""Seconds: a call that waits longer than an hour is a job, not a call."""


class RetrySection(Section):
    """How often and how soon a call is tried again, where that is safe."""

    attempts: Annotated[
        int, Field(ge=1, le=10, description="How often in all; 1 means no second time.")
    ] = 3
    base: Annotated[
        Duration,
        Field(gt=0, le=10, description="The first pause is random, up to this; each next doubles."),
    ] = 0.025
    cap: Annotated[Duration, Field(gt=0, le=60, description="No pause is longer than this.")] = 0.25
    attempt_timeout: Annotated[
        Duration | None,
        Field(
            gt=0, le=MAX_TIMEOUT, description="Bounds one attempt; else it has all that is left."
        ),
    ] = None


class BreakerSection(Section):
    """When calls to a failing operation are refused at once, and how they resume."""

    failure_rate: Annotated[
        Share, Field(gt=0, description="Opens when this share of the calls in the window failed.")
    ] = 0.5
    window: Annotated[
        Duration, Field(ge=1, le=3600, description="How far back failures are remembered.")
    ] = 30.0
    min_calls: Annotated[
        int, Field(ge=1, le=1_000_000, description="Stays closed below this many calls.")
    ] = 20
    open_for: Annotated[
        Duration, Field(gt=0, le=3600, description="How long it refuses before it probes.")
    ] = 10.0
    probes: Annotated[
        int, Field(ge=1, le=1000, description="Calls let through to probe; all must succeed.")
    ] = 1


class BulkheadSection(Section):
    """How many calls of a route may be on their way at one time, in each gateway process."""

    max_in_flight: Annotated[
        int, Field(ge=1, le=1_000_000, description="Calls that are sent and not answered.")
    ] = 100
    max_waiting: Annotated[
        int, Field(ge=0, le=1_000_000, description="Calls more that may wait for a place.")
    ] = 100
    wait: Annotated[
        Duration, Field(gt=0, le=60, description="How long each may wait; then 503.")
    ] = 0.1


class ShedSection(Section):
    """Turning calls away while they would wait too long in their queue."""

    tolerance: Annotated[
        Share,
        Field(gt=0, description="A call may wait this share of the time that it takes without."),
    ] = 0.4
    floor: Annotated[
        Duration, Field(gt=0, le=60, description="A wait shorter than this is never too long.")
    ] = 0.002
    at_least: Annotated[
        int, Field(ge=1, le=1_000_000, description="The limit of calls never gets below this.")
    ] = 2
    at_most: Annotated[
        int, Field(ge=1, le=1_000_000, description="The limit of calls never gets above this.")
    ] = 1000


Retry = Switchable[RetrySection]
Breaker = Switchable[BreakerSection]
Bulkhead = Switchable[BulkheadSection]
Shed = Switchable[ShedSection]
