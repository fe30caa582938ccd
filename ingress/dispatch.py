"""The only box that waits: ``retry( breaker( timeout( send ) ) )``.

Why in this order:

- the timeout is innermost, so that the breaker sees a timeout, a failure of
  the backend, and never mistakes it for a client that hung up;
- the breaker is inside the retries, so that each attempt counts, and a
  circuit that opens ends the retries instead of hiding behind them;
- the retries are outermost, and all of them live within the one deadline.

When the circuit opens between two attempts the client is told
``circuit_open``, not the last attempt's fault: it says when coming back makes
sense, and it is what stopped us. Nothing is hidden by it, since each attempt's
failure is in the metrics.
"""

import time
from asyncio import get_running_loop
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Protocol

from msgspec.structs import replace

from contracts.call import Call, Reply
from contracts.deadline import after
from contracts.deadline import left as left_until
from contracts.fault import Blame, Fault
from ingress.breaker import Breaker, OnChange, Permit
from ingress.budget import Budget
from ingress.fanout.gathering import gather
from ingress.flow import Flow
from ingress.plan import Plan, Target
from ingress.retry import retryable, try_again, turned_away
from ingress.window import Clock

_SERVER_ERROR = 500
_MICROSECONDS = 1e-6


class Sender(Protocol):
    """What sends one attempt: :class:`ingress.rpc.Rpc`, ``Acceptor``, or a fake."""

    async def send(self, target: Target, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - the port
        """Send, and wait at most ``timeout`` seconds for the answer."""
        ...


class Dispatch:
    """Gets the answer to a Flow's call: ``reply = await dispatch(flow)``.

    One breaker and one retry budget a route, kept over reloads by the route's
    name. ``on_breaker_change(route, old, new)`` hears of each change of a
    breaker's state, on a turn of the loop of its own, so that it cannot hurt
    the request that caused it. ``acceptor`` sends the calls of routes that only
    accept. ``clock`` is the one that ``flow.received`` was read from.
    """

    def __init__(
        self,
        rpc: Sender,
        *,
        acceptor: Sender | None = None,
        on_breaker_change: OnChange | None = None,
        clock: Clock = time.perf_counter,
    ) -> None:
        self._rpc = rpc
        self._acceptor = acceptor or rpc
        self._on_breaker_change = on_breaker_change
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}
        self._budgets: dict[str, Budget] = {}

    def adopt(self, plans: Iterable[Plan]) -> None:
        """Take over the routes of a new config.

        A breaker whose settings are the same keeps its state; others begin
        closed. Without this call breakers are made when first needed, and
        keep the settings that they began with.
        """
        old, self._breakers = self._breakers, {}
        budgets, self._budgets = self._budgets, {}
        for plan in plans:
            known = old.get(plan.name)
            if known and known.settings == plan.breaker:
                self._breakers[plan.name] = known
            elif plan.breaker:
                self._breaker_of(plan)
            if plan.name in budgets:
                self._budgets[plan.name] = budgets[plan.name]

    def breakers(self) -> Mapping[str, Breaker]:
        """Give the breakers by route name, for metrics and admin."""
        return MappingProxyType(self._breakers)

    async def __call__(self, flow: Flow) -> Reply:
        """Get the answer; a fault is a Reply with ``fault`` set.

        Raises only what the dialect raises on a call that it cannot send.
        """
        plan = flow.plan
        if plan is None:
            return Reply.of_fault(Fault("not_found"))
        retry = plan.retry
        if retry is None or retry.attempts < 2:  # noqa: PLR2004 - the first is none
            if plan.fan is not None:
                return await gather(flow, self)
            return await self._attempt(flow, plan)
        budget = self._budgets.get(plan.name) or self._budget_of(plan)
        budget.deposit()
        first = await self._attempt(flow, plan)
        fault = first.fault
        if fault is None and first.status < _SERVER_ERROR:
            return first  # as nearly all
        if turned_away(first) or not retryable(first, plan, flow.call):
            return first
        replies = [first]

        async def attempt() -> Reply:
            replies.append(await self._attempt(flow, plan))
            return replies[-1]

        last = await try_again(
            first,
            attempt,
            retry=retry,
            again=lambda reply: retryable(reply, plan, flow.call),
            left=lambda: self._left(flow, plan, self._clock()),
            pay=budget.withdraw,
        )
        return _of_all(replies, last)

    async def _attempt(self, flow: Flow, plan: Plan) -> Reply:
        began = self._clock()
        timeout = left = self._left(flow, plan, began)
        if left <= 0:
            return Reply.of_fault(Fault("deadline", not_run=True))
        if plan.retry and plan.retry.attempt_timeout:
            timeout = min(left, plan.retry.attempt_timeout)
        breaker, permit = None, 0
        if plan.breaker is not None:
            breaker = self._breakers.get(plan.name) or self._breaker_of(plan)
            try:
                permit = breaker.ask()
            except Fault as fault:
                return Reply.of_fault(fault)
        call = _begun(flow, began, timeout, whole=timeout == left)
        try:
            sender = self._acceptor if plan.accept else self._rpc
            reply = await sender.send(plan.target, call, timeout)
        except BaseException:
            # The client left, or the call could not be put into a message:
            # neither says anything of the backend.
            if breaker is not None:
                breaker.tell_nothing(permit)
            raise
        finally:
            heard = flow.heard = self._clock()
            flow.waited += heard - began
        if reply.worker_us:
            flow.worker += reply.worker_us * _MICROSECONDS
        if breaker is not None:
            _tell(breaker, permit, reply)
        return reply

    def _left(self, flow: Flow, plan: Plan, now: float) -> float:
        """Seconds that are left of the route's timeout and of the call's own deadline."""
        left = flow.received + plan.timeout - now
        return min(left, left_until(flow.call.deadline)) if flow.call.deadline else left

    def _breaker_of(self, plan: Plan) -> Breaker:
        breaker = self._breakers.get(plan.name)
        if breaker is None:
            assert plan.breaker is not None  # noqa: S101 - the callers asked
            breaker = self._breakers[plan.name] = Breaker(
                plan.name, plan.breaker, clock=self._clock, on_change=self._spread
            )
        return breaker

    def _budget_of(self, plan: Plan) -> Budget:
        budget = self._budgets.get(plan.name)
        if budget is None:
            budget = self._budgets[plan.name] = Budget(self._clock)
        return budget

    def _spread(self, route: str, old: str, new: str) -> None:
        if self._on_breaker_change:
            get_running_loop().call_soon(self._on_breaker_change, route, old, new)


def _begun(flow: Flow, began: float, timeout: float, *, whole: bool) -> Call:
    """Note one more attempt, and give the call as this one sends it."""
    attempt = flow.attempts = flow.attempts + 1
    call = flow.call
    if attempt > 1:
        flow.paused += began - flow.heard
    elif whole and call.deadline:
        return call
    # The worker must not begin an attempt that nobody waits for any more, so
    # an attempt's deadline is its own end.
    return replace(call, attempt=attempt, deadline=after(timeout))


def _tell(breaker: Breaker, permit: Permit, reply: Reply) -> None:
    """Judge the backend by a reply.

    A fault that blames the caller shows a backend that works. One of the way
    to it (no route, broker down) shows nothing.
    """
    fault = reply.fault
    if fault is None and reply.status < _SERVER_ERROR:
        breaker.tell_success(permit)
        return
    failed, well = True, False
    if fault is not None:
        failed, well = fault.kind.counts, fault.kind.blame is Blame.CALLER
    if failed:
        breaker.tell_failure(permit)
    elif well:
        breaker.tell_success(permit)
    else:
        breaker.tell_nothing(permit)


def _of_all(replies: list[Reply], last: Reply) -> Reply:
    """Let the last fault speak for the whole call: it ran if any attempt may have run."""
    if last.fault and not all(reply.fault and reply.fault.not_run for reply in replies):
        last.fault.not_run = False
    return last
