"""The way of a request through its policies to the dispatcher, and back.

Policies are admitted in the order of the Plan; each passes, answers or
refuses. On the way back only those that asked for it are settled, in reverse,
and only if they had been admitted: a place that was taken is given back
whatever happened after, and one that was not taken is not. A policy that
raises anything but a Fault refuses the request. Nothing fails open.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import takewhile
from typing import Final

from contracts.call import Reply
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.plan import Plan
from ingress.policies.port import Policy, Settler

# Hears of an exception that is a bug and not a Fault; must not raise.
Report = Callable[[Flow, BaseException], None]

# Seconds for what a settler still does to an answer that is there: the call's own may be over.
_TAIL: Final = 5.0

# What a settler wants to be waited for.
_Later = tuple[Settler, Callable[[], Awaitable[None]]]


def report_to_loop(flow: Flow, error: BaseException) -> None:
    """Hand the error to the event loop's exception handler, which logs it."""
    context = {"message": f"request {flow.call.id} failed inside the gateway", "exception": error}
    asyncio.get_running_loop().call_exception_handler(context)


class Pipeline:
    """Runs one Flow after another: ``await Pipeline(dispatch, report=...).run(flow)``.

    ``dispatch`` is a function from a Flow to the Reply, so is its fake in a
    test. ``report(flow, error)`` gets each exception that is not a Fault,
    with its traceback.
    """

    __slots__ = ("_dispatch", "_report")

    def __init__(
        self, dispatch: Callable[[Flow], Awaitable[Reply]], *, report: Report = report_to_loop
    ) -> None:
        self._dispatch = dispatch
        self._report = report

    async def run(self, flow: Flow) -> None:
        """Answer the Flow: afterwards it has either a ``reply`` or a ``fault``.

        Sets ``flow.answered_by`` when a policy answered or refused. Raises
        nothing but ``CancelledError``, when the client is gone; the fault is
        then ``client_gone``.
        """
        plan = flow.plan
        if plan is None:
            flow.fault = Fault("not_found")
        elif plan.policies:
            await self._through(plan, flow)
        else:
            await self._forward(flow)

    async def _through(self, plan: Plan, flow: Flow) -> None:
        # Who did not let it pass; those behind were not asked.
        stopped: Policy | None = None
        later: Sequence[_Later] = ()
        try:
            for policy in plan.policies:
                stopped = policy
                try:
                    answer = policy.admit(flow)
                    # Most decide at once, and let it pass: that is worth no coroutine.
                    if answer is None or await self._passes(answer, plan, flow):
                        continue
                except Fault as fault:
                    flow.fault = fault
                except Exception as error:  # noqa: BLE001 - whatever it is, it refuses
                    self._crash(flow, error)
                # Who has others answer says who did.
                flow.answered_by = flow.notes.pop("answered_by", policy.name)
                break
            else:
                stopped = None
                await self._forward(flow)
        except asyncio.CancelledError:
            flow.fault = Fault("client_gone")
            raise
        finally:
            if plan.settlers:
                later = self._settle(plan, flow, stopped)
        for settler, finish in later:
            await self._finish(settler, finish, flow)

    async def _passes(
        self, answer: Reply | Awaitable[Reply | None], plan: Plan, flow: Flow
    ) -> bool:
        """Whether the request goes on all the same; if not, the flow has its answer."""
        found = answer if isinstance(answer, Reply) else await self._in_time(answer, plan, flow)
        if found is not None:
            _answer(flow, found)
        return found is None

    async def _in_time(
        self, waiting: Awaitable[Reply | None], plan: Plan, flow: Flow
    ) -> Reply | None:
        """Wait for a policy that needs I/O, no longer than the call may take."""
        left = flow.received + plan.timeout - time.perf_counter()
        scope = asyncio.timeout(left)
        try:
            async with scope:
                return await waiting
        except TimeoutError:
            if scope.expired():
                raise Fault("deadline", not_run=True) from None
            raise

    async def _forward(self, flow: Flow) -> None:
        try:
            _answer(flow, await self._dispatch(flow))
        except asyncio.CancelledError:
            flow.fault = Fault("client_gone")
            raise
        except Fault as fault:
            flow.fault = fault
        except Exception as error:  # noqa: BLE001 - the client gets an answer whatever happens
            self._crash(flow, error)

    def _settle(self, plan: Plan, flow: Flow, stopped: Policy | None) -> Sequence[_Later]:
        later: Sequence[_Later] = ()
        for settler in plan.settlers if stopped is None else _passed(plan, stopped):
            before = flow.reply
            try:
                finish = settler.settle(flow)
            except Fault as fault:
                flow.reply, flow.fault, flow.answered_by = None, fault, settler.name
            except Exception as error:  # noqa: BLE001 - the others must be settled all the same
                self._crash(flow, error)
                flow.answered_by = settler.name
            else:
                # A settler may put a reply where there was a fault, or another.
                after = flow.reply
                if after is not before and after is not None:
                    _answer(flow, after)
                if finish is not None:
                    later = (*later, (settler, finish))
        return later

    async def _finish(
        self, settler: Settler, finish: Callable[[], Awaitable[None]], flow: Flow
    ) -> None:
        scope = asyncio.timeout(_TAIL)
        try:
            async with scope:
                await finish()
        except asyncio.CancelledError:
            flow.fault = Fault("client_gone")
            raise
        except Fault as fault:
            flow.reply, flow.fault, flow.answered_by = None, fault, settler.name
        except Exception as error:  # noqa: BLE001 - the client gets an answer whatever happens
            if isinstance(error, TimeoutError) and scope.expired():
                flow.reply, flow.fault = None, Fault("deadline")
            else:
                self._crash(flow, error)
            flow.answered_by = settler.name

    def _crash(self, flow: Flow, error: Exception) -> None:
        flow.reply, flow.fault = None, Fault("internal")
        self._report(flow, error)


def _passed(plan: Plan, stopped: Policy) -> list[Settler]:
    """Give those of the settlers that had let it pass."""
    passed = set(map(id, takewhile(lambda policy: policy is not stopped, plan.policies)))
    return [settler for settler in plan.settlers if id(settler) in passed]


def _answer(flow: Flow, reply: Reply) -> None:
    if reply.fault:
        flow.reply, flow.fault = None, reply.fault
    else:
        flow.reply, flow.fault = reply, None
