"""Shows that no call is ever forgotten: many calls, some unanswered, some given up.

Run with ``python -m bench.pending [CALLS]``. Of the calls a tenth gets no answer
in time (half of these get one too late), and of one in twenty the client hangs
up. Printed is what is left in the table of waiting calls: it must be 0, and the
exit code says so too.
"""

import asyncio
import sys
import time
from collections import Counter
from contextlib import suppress

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Delivery, Queue
from contracts.call import Call, Reply
from contracts.deadline import after
from contracts.dialects.native import Native
from contracts.loop import run
from ingress.dispatch import Dispatch
from ingress.flow import Flow
from ingress.pipeline import Pipeline
from ingress.plan import Breaker, Plan, Target
from ingress.rpc import Rpc

CLIENTS = 500
TIMEOUT = 0.25
QUEUE = "work"

ANSWERED, SILENT, LATE, LEAVES = b"answered", b"silent", b"late", b"leaves"
# Of twenty calls: two time out, one is given up.
MIX = [ANSWERED] * 17 + [SILENT, LATE, LEAVES]

DIALECT = Native()
PLAN = Plan(
    name="POST /work",
    method="POST",
    pattern="/work",
    target=Target(operation="work.do", dialect=DIALECT, routing_key=QUEUE),
    timeout=TIMEOUT,
    breaker=Breaker(),
)


class Crowd:
    """Clients that call one after another, and the worker that they call.

    The worker tells a client when it is to leave, so that it does in the
    middle of the call however slow the machine is.
    """

    def __init__(self, pipeline: Pipeline, calls: int) -> None:
        self._pipeline = pipeline
        self._numbers = iter(range(calls))
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self.ends: Counter[str] = Counter()
        self.overrun = 0.0

    def work(self, delivery: Delivery) -> None:
        """Do as the body of the call says."""
        call = DIALECT.call(delivery.message)
        if call.body == ANSWERED:
            _answer(delivery)
        elif call.body == LATE:
            asyncio.get_running_loop().call_later(2 * TIMEOUT, _answer, delivery)
        else:
            delivery.ack()
        if call.body == LEAVES:
            self._leaving.pop(call.id).cancel()

    async def client(self) -> None:
        """Call until all calls are made."""
        for number in self._numbers:
            kind = MIX[number % len(MIX)]
            call = Call(id=str(number), operation="work.do", body=kind, deadline=after(TIMEOUT))
            flow = Flow(call, PLAN, time.perf_counter())
            if kind == LEAVES:
                task = self._leaving[call.id] = asyncio.ensure_future(self._pipeline.run(flow))
                with suppress(asyncio.CancelledError):
                    await task
            else:
                await self._pipeline.run(flow)
            self._note(flow)

    def _note(self, flow: Flow) -> None:
        self.ends[flow.code or "answered"] += 1
        if flow.code == "deadline":
            late = time.perf_counter() - flow.received - TIMEOUT
            self.overrun = max(self.overrun, late)


def _answer(delivery: Delivery) -> None:
    asked = delivery.message
    delivery.publish(DIALECT.answer(Reply(), asked), asked.reply_to)
    delivery.ack()


async def main(calls: int) -> int:
    """Make the calls, print what became of them, and give the exit code."""
    broker = MemoryBroker(MemoryHub())
    rpc = Rpc(broker)
    dispatch = Dispatch(rpc)
    broker.start()
    await broker.ready(5)
    await broker.declare(Queue(name=QUEUE))
    crowd = Crowd(Pipeline(dispatch), calls)
    # No limit: late answers stay unsettled for long.
    await broker.consume(QUEUE, crowd.work, prefetch=0)
    began = time.perf_counter()
    await asyncio.gather(*(crowd.client() for _ in range(CLIENTS)))
    seconds = time.perf_counter() - began
    # So that the last late answers are counted too.
    await asyncio.sleep(3 * TIMEOUT)
    print(f"{calls} calls in {seconds:.1f} s by {CLIENTS} clients")
    for end, number in crowd.ends.most_common():
        print(f"  {end}: {number}")
    print(f"  longest wait beyond the deadline: {crowd.overrun * 1000:.1f} ms")
    print(f"strays: late={rpc.late} duplicate={rpc.duplicate} orphan={rpc.orphan}")
    print(f"breaker: {dispatch.breakers()[PLAN.name].state}")
    print(f"entries left pending: {rpc.pending}")
    await broker.close()
    return 1 if rpc.pending else 0


if __name__ == "__main__":
    sys.exit(run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)))
