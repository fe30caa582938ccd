"""One operation of a service: a function, and the way from a call to its reply."""

import asyncio
import inspect
import time
from collections.abc import Callable, Sequence
from typing import Any

from contracts.call import Reply
from contracts.fault import Blame, Fault
from contracts.operation import Operation
from workers.binding import Binding
from workers.context import Context
from workers.policy import Policy, Settler
from workers.results import UnusableResultError, reply_of
from workers.threads import Threads

# RFC 9110 section 9.2.2.
IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_NS_PER_US = 1000


class Endpoint:
    """A function that answers calls.

    ``operation`` says what it is, ``function`` is what the user wrote. ``idempotent`` is ``None``
    when the user did not say: then the call's method decides.
    """

    __slots__ = ("_bind", "_status", "function", "idempotent", "is_async", "operation", "policies")

    def __init__(
        self,
        function: Callable[..., Any],
        operation: Operation,
        binding: Binding,
        *,
        status: int | None,
        idempotent: bool | None,
        policies: Sequence[Policy],
    ) -> None:
        self.function = function
        self.operation = operation
        self.policies = policies
        self.idempotent = idempotent
        # A sync wrapper around a coroutine function only makes the coroutine: not worth a thread.
        self.is_async = inspect.iscoroutinefunction(inspect.unwrap(function))
        self._bind = binding.bind
        self._status = status

    def __repr__(self) -> str:
        return f"<Endpoint {self.operation.name} {'async' if self.is_async else 'in a thread'}>"

    def may_repeat(self, context: Context) -> bool:
        """Say whether running it a second time for this call does no harm."""
        if self.idempotent is not None:
            return self.idempotent or bool(context.call.header("idempotency-key"))
        call = context.call
        return call.method in IDEMPOTENT_METHODS or bool(call.header("idempotency-key"))

    async def answer(self, context: Context, threads: Threads) -> Reply:
        """Run the operation and give its reply, whatever happens in it.

        Only the cancellation of the task that runs it gets out.
        """
        started = time.perf_counter_ns()
        admitted: list[Policy] = []
        try:
            reply = None
            if self.policies:
                reply = await self._admit(context, admitted)
            if reply is None:
                positional, named = self._bind(context)
                if self.is_async:
                    value = await self.function(*positional, **named)
                else:
                    value = await self._run_in_thread(positional, named, threads)
                reply = reply_of(value, self._status, _us_since(started))
        except Exception as error:  # noqa: BLE001 - every error is somebody's answer
            reply = _reply_of_error(context, error, started)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # Something that the operation waited for was cancelled, not the operation.
            reply = _reply_of_error(context, error, started)
        except SystemExit as error:
            # One call must not end the worker under all the others.
            reply = _reply_of_error(context, error, started)
        return self._settle(context, admitted, reply, started) if admitted else reply

    async def _admit(self, context: Context, admitted: list[Policy]) -> Reply | None:
        for policy in self.policies:
            verdict = policy.admit(context)
            if inspect.isawaitable(verdict):
                verdict = await verdict
            if verdict is not None:
                return reply_of(verdict, None, 0)
            admitted.append(policy)
        return None

    async def _run_in_thread(
        self,
        positional: list[Any],
        named: dict[str, Any],
        threads: Threads,
    ) -> Any:  # noqa: ANN401
        value = await threads.run(self.function, *positional, **named)
        # A plain function that hands a coroutine on.
        return await value if inspect.isawaitable(value) else value

    def _settle(
        self, context: Context, admitted: list[Policy], reply: Reply, started: int
    ) -> Reply:
        for policy in reversed(admitted):
            if isinstance(policy, Settler):
                try:
                    reply = policy.settle(context, reply) or reply
                except Exception as error:  # noqa: BLE001 - as in answer
                    reply = _reply_of_error(context, error, started)
        return reply


def _reply_of_error(context: Context, error: BaseException, started: int) -> Reply:
    """Tell the client what it may know, and the log what happened."""
    if isinstance(error, Fault) and not _is_foreign(error):
        return Reply.of_fault(error, worker_us=_us_since(started))
    if isinstance(error, UnusableResultError):
        what = str(error)
    elif isinstance(error, Fault):
        what = f"it raised {error.code}, which a worker cannot know"
    else:
        what = f"it raised {type(error).__name__}"
    # As a field: braces in it are no template.
    context.logger.bind(error=what).opt(exception=error).error("the operation failed")
    return Reply.of_fault(Fault("worker_error"), worker_us=_us_since(started))


def _is_foreign(fault: Fault) -> bool:
    """Say whether the code speaks of the broker or the gateway; those do not believe a worker."""
    return fault.known and fault.kind.blame in {Blame.BROKER, Blame.GATEWAY}


def _us_since(started: int) -> int:
    return (time.perf_counter_ns() - started) // _NS_PER_US
