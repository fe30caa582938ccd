"""The HTTP edge: a request becomes a Flow, the pipeline answers it, the answer goes back.

Nothing here reads or writes a socket. Two ways lead here: ``ingress.connection`` reads the usual
request by itself, and Sanic, in ``ingress.sanic_app``, reads all the others.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from contracts import deadline
from contracts.call import Call
from contracts.fault import Fault
from ingress import early, request_id
from ingress.answer import Answer, Composer
from ingress.body import too_large
from ingress.flow import Flow, Observer
from ingress.guard.peer import Peer
from ingress.head import Head
from ingress.pipeline import Pipeline
from ingress.plan import Plan
from ingress.replay.mark import Marks
from ingress.router import Router

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

# Reads a body of at most so many bytes; raises Fault for a longer one.
ReadBody = Callable[[int], Awaitable[bytes]]


class Edge:
    """Answers requests: ``answer = await edge.answer(head, body, peer, received)``.

    ``router`` and ``marks`` may be replaced at any time. ``in_flight`` counts requests that
    have not been answered. ``draining`` says that connections close after
    their answer.
    """

    def __init__(self, router: Router, pipeline: Pipeline, observers: Sequence[Observer]) -> None:
        self.router = router
        # Without a key: who says that a request is a replay is refused.
        self.marks = Marks()
        self.in_flight = 0
        self.draining = False
        self._pipeline = pipeline
        self._observers = tuple(map(_many, observers))
        self._make_id = request_id.maker()
        self._composer = Composer()
        self._empty = asyncio.Event()
        self._finished: list[Flow] = []

    async def drain(self, within: float) -> bool:
        """Answer what is in flight; says whether all was within the time.

        Connections close after their answer from now on.
        """
        self.draining = True
        try:
            async with asyncio.timeout(within):
                while self.in_flight:
                    # It may have been set before, between two requests.
                    self._empty.clear()
                    await self._empty.wait()
        except TimeoutError:
            return False
        return True

    async def answer(
        self, head: Head, body: bytes | ReadBody, peer: Peer, received: float
    ) -> Answer:
        """Answer one request: the whole path, one line a hop.

        ``body`` is all of it, or what reads at most so many bytes of it.
        ``received`` is when the request came, in ``time.perf_counter()``
        seconds. Raises only ``CancelledError``, when the client is gone.
        """
        flow = self._open(head, peer, received)
        self.in_flight += 1
        try:
            try:
                plan, params = self.router.match(head.method, head.path, head)
                flow.plan = plan
                content = body if isinstance(body, bytes) else await body(plan.max_body)
                if len(content) > plan.max_body:
                    raise too_large(plan.max_body)
                flow.call = _call(flow.call, head, plan, params, content)
                if head.marked:
                    flow.call = self.marks.believe(flow.call)
            except Fault as fault:
                early.answer(flow, head, self.router, fault)
            else:
                await self._pipeline.run(flow)
            return self._composer.compose(flow)
        except asyncio.CancelledError:
            flow.fault = Fault("client_gone")
            flow.status = flow.fault.status
            raise
        finally:
            self.in_flight -= 1
            if self.draining and not self.in_flight:
                self._empty.set()
            self._close(flow)

    def refuse(
        self, head: Head, peer: Peer, received: float, fault: Fault, *, observed: bool = True
    ) -> Answer:
        """Answer what is no request that could be answered; ``observed`` by the observers."""
        flow = self._open(head, peer, received)
        flow.fault = fault
        answer = self._composer.compose(flow)
        if observed:
            self._close(flow)
        return answer

    def _open(self, head: Head, peer: Peer, received: float) -> Flow:
        """Begin the Flow of a request that has met no route yet."""
        given = head.given_id
        call = Call(
            id=(given and request_id.accept(given)) or self._make_id(),
            operation="",
            method=head.method,
            path=head.path,
            query=head.query,
            caller=peer.caller,
        )
        return Flow(call, None, received, peer)

    def _close(self, flow: Flow) -> None:
        flow.finished = time.perf_counter()
        if flow.fault is not None:
            # It knows the frames that it came through, and they know the flow: a circle that only
            # the garbage collector would find.
            flow.fault.__traceback__ = flow.fault.__context__ = None
        if not self._finished:
            # After the answer was written, for all of this turn of the loop.
            asyncio.get_running_loop().call_soon(self._observe)
        self._finished.append(flow)

    def _observe(self) -> None:
        flows, self._finished = self._finished, []
        for observe in self._observers:
            observe(flows)

    def __repr__(self) -> str:
        return f"<Edge {self.in_flight} in flight, {self.router!r}>"


def _many(observer: Observer) -> Callable[[list[Flow]], None]:
    """Give what takes all that ended in one turn; some observers do so by themselves."""
    own: Callable[[list[Flow]], None] | None = getattr(observer, "many", None)
    if own is not None:
        return own

    def each(flows: list[Flow]) -> None:
        for flow in flows:
            observer(flow)

    return each


def _call(bare: Call, head: Head, plan: Plan, params: Mapping[str, str], body: bytes) -> Call:
    """Make the call of a request whose route is known."""
    trace = head.traceparent
    return Call(
        id=bare.id,
        operation=plan.target.operation,
        method=bare.method,
        path=bare.path,
        query=bare.query,
        params=params,
        headers=head.fields,
        body=body,
        caller=bare.caller,
        deadline=deadline.after(plan.timeout),
        route=plan.name,
        traceparent=trace if trace and _TRACEPARENT.fullmatch(trace) else "",
        tracestate=head.tracestate if trace else "",
    )
