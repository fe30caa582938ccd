"""The moment an answer becomes worthless, carried as absolute Unix milliseconds.

Absolute, because what is left shrinks in every queue on the way and a relative
timeout would start anew at each hop (gRPC's ``grpc-timeout`` is relative and
each server must convert it; Envoy issue 7358 shows what happens when a hop
forgets). It needs clocks that agree to within a fraction of the timeout; the
AMQP ``expiration`` beside it is relative and guards a worker whose clock runs
behind (see :func:`left_of`).
"""

import time


def now_ms() -> int:
    """Give the wall clock in Unix milliseconds."""
    return time.time_ns() // 1_000_000


def after(seconds: float) -> int:
    """Give the deadline that lies ``seconds`` from now."""
    return now_ms() + round(seconds * 1000)


def left(deadline: int) -> float:
    """Give the seconds until ``deadline``; negative when it has passed.

    A deadline of 0 means none: infinity is left.
    """
    if not deadline:
        return float("inf")
    return (deadline - time.time_ns() / 1_000_000) / 1000


def left_of(deadline: int, expiration_ms: int | None) -> float:
    """Give the seconds left at a worker, trusting neither clock too far.

    ``expiration_ms`` is what was left when the message was published. More
    than that cannot be left now, so it bounds the answer when this machine's
    clock runs behind the gateway's.
    """
    if expiration_ms is None:
        return left(deadline)
    if not deadline:
        return expiration_ms / 1000
    return min(deadline - time.time_ns() / 1_000_000, expiration_ms) / 1000
