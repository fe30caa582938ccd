"""When a call is tried again, and how long it waits before.

tenacity owns the loop: attempts, waits, stops. It costs 20 to 30 us a call
even when nothing fails, so the first attempt is made without it and it is
handed the outcome of that one; and each call gets an ``AsyncRetrying`` of its
own, since a shared one loses attempts under concurrency. The rule what to try
again is a positive one over replies: a predicate over exceptions would retry
a cancellation (tenacity issue 529).
"""

import asyncio
from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, wait_random_exponential

from contracts.call import Call, Reply
from contracts.fault import Blame, Fault
from ingress.plan import Plan, Retry

_SERVER_ERROR = 500
_AWAY = frozenset({"broker_down", "broker_blocked"})
_LONGEST_RETRY_AFTER = 9  # digits; what is longer never fits anyway


def retryable(reply: Reply, plan: Plan, call: Call) -> bool:
    """Whether trying again is safe, and may help.

    Safe: the operation is known not to have run, or running it twice is the
    same as once, or the call carries an ``Idempotency-Key`` (the worker or a
    policy sees to it then). May help: the caller is not to blame, and it is
    not the circuit that refused.
    """
    fault = reply.fault
    if fault is None:
        return reply.status >= _SERVER_ERROR and _safe_twice(plan, call)
    if fault.kind.blame is Blame.CALLER or fault.code == "circuit_open":
        return False
    return fault.not_run or _safe_twice(plan, call)


def turned_away(reply: Reply) -> bool:
    """Whether the broker was known to take nothing, so that nothing was sent.

    Told to a new call at once: the first pauses are shorter than any return of a broker, and
    would only keep the client. A call that was on its way when the broker went is another thing.
    """
    fault = reply.fault
    return fault is not None and fault.not_run and fault.code in _AWAY


def _safe_twice(plan: Plan, call: Call) -> bool:
    return plan.idempotent or bool(call.header("idempotency-key"))


async def try_again(
    first: Reply,
    attempt: Callable[[], Awaitable[Reply]],
    *,
    retry: Retry,
    again: Callable[[Reply], bool],
    left: Callable[[], float],
    pay: Callable[[], bool],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Reply:
    """Go on after the ``first`` attempt failed; give the last reply there is.

    ``again(reply)`` says whether a reply is worth another attempt, ``left()``
    how many seconds the call still has, ``pay()`` takes one retry from the
    budget if there is one. When attempts, time or budget are used up, the
    client gets the last attempt's own answer. Waits are drawn from 0 to
    ``base * 2 ** n``, at most ``cap`` seconds ("full jitter"), on top of what
    the worker asked for with Retry-After; a wait that does not fit into what
    is left is not begun.
    """
    outcomes = [first]

    async def next_outcome() -> Reply:
        return outcomes.pop() if outcomes else await attempt()

    def stop(state: RetryCallState) -> bool:
        # In this order: only a retry that will be made is paid for.
        return state.attempt_number >= retry.attempts or state.upcoming_sleep >= left() or not pay()

    jitter = wait_random_exponential(multiplier=retry.base, max=retry.cap)
    retrying = AsyncRetrying(
        sleep=sleep,
        retry=retry_if_result(again),
        wait=lambda state: asked_to_wait(_outcome(state)) + jitter(state),
        stop=stop,
        retry_error_callback=_outcome,
    )
    reply: Reply = await retrying(next_outcome)
    return reply


def asked_to_wait(reply: Reply) -> float:
    """Give the seconds that the worker itself asked us to stay away.

    The table's own ``retry_after`` (RFC 9110 section 10.2.3) is advice for
    clients, who come back once; it would be a whole second here, so only a
    value that differs from it is taken for the worker's word. The date form
    of the header is not understood, and ignored.
    """
    fault = reply.fault
    if fault is None:
        header = reply.header("retry-after")
        plain = header.isascii() and header.isdigit() and len(header) <= _LONGEST_RETRY_AFTER
        return float(header) if plain else 0.0
    return _own_word(fault)


def _own_word(fault: Fault) -> float:
    if fault.retry_after is None or fault.retry_after == fault.kind.retry_after:
        return 0.0
    return float(fault.retry_after)


def _outcome(state: RetryCallState) -> Reply:
    if state.outcome is None:  # cannot be: tenacity asks after an attempt
        raise Fault("internal")
    reply: Reply = state.outcome.result()
    return reply
