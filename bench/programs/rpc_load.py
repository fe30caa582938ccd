"""Asks as fast as answers come, without HTTP, and prints one JSON line of what it saw.

    python -m bench.programs.rpc_load rpc|floor URL SECONDS IN_FLIGHT [PID...]

``rpc`` goes through the RPC client, to the worker SDK; ``floor`` uses the broker port and nothing
above it. The CPU time of this process and of each PID is told with it.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Coroutine

import msgspec

from bench import proc
from bench.programs.floor_worker import QUEUE
from bench.suite import BODY
from contracts import loop
from contracts.brokers.opening import open_broker
from contracts.brokers.port import Broker, Message
from contracts.call import Call, Reply
from contracts.dialects.native import Native
from ingress.plan import Target
from ingress.rpc import Rpc

# A start, until a worker consumes; then calls that warm up both sides.
_READY, _WARM_UP = 30.0, 1.0


class Tally:
    """What a run saw; latencies in seconds."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.counting = False
        self.answered = False
        self.first = asyncio.Event()
        self.over = asyncio.Event()

    def note(self, began: float) -> None:
        """Note an answer that came now."""
        if not self.answered:
            self.answered = True
            self.first.set()
        if self.counting:
            self.times.append(time.perf_counter() - began)


def call_by_rpc(broker: Broker, tally: Tally) -> Callable[[], Coroutine[None, None, None]]:
    """Return one client of the RPC client."""
    rpc = Rpc(broker)
    target = Target(operation="bench.echo", dialect=Native(), routing_key="bench")

    async def ask() -> Reply:
        deadline = int(time.time() * 1000) + 5000
        call = Call(id="bench", operation="bench.echo", body=BODY, deadline=deadline)
        return await rpc.send(target, call, 5.0)

    async def client() -> None:
        end = time.monotonic() + _READY
        while (await ask()).fault is not None:
            if time.monotonic() > end:
                raise SystemExit("no worker answers")
            await asyncio.sleep(0.05)
        while not tally.over.is_set():
            began = time.perf_counter()
            reply = await ask()
            if reply.fault is not None or reply.body != BODY:
                raise SystemExit(f"a wrong answer: {reply!r}")
            tally.note(began)

    return client


def call_by_port(broker: Broker, tally: Tally) -> Callable[[], Coroutine[None, None, None]]:
    """Return one client of the broker port: each answer sends the next call, without a task."""
    began: dict[str, float] = {}
    numbers = iter(range(1_000_000_000))

    def ask() -> None:
        number = str(next(numbers))
        began[number] = time.perf_counter()
        message = Message(body=BODY, correlation_id=number, reply_to=replies.name)
        broker.publish(message, routing_key=QUEUE)

    def on_answer(message: Message) -> None:
        tally.note(began.pop(message.correlation_id))
        if not tally.over.is_set():
            ask()

    replies = broker.replies(on_answer)

    async def client() -> None:
        async with asyncio.timeout(_READY):
            # The broker tells nobody when a consumer comes.
            while (stats := await broker.stats(QUEUE)) is None or not stats.consumers:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        ask()
        await tally.over.wait()

    return client


async def main(how: str, url: str, seconds: float, in_flight: int, pids: list[int]) -> None:
    """Run, then print."""
    broker = open_broker(url, name="bench-client")
    tally = Tally()
    client = (call_by_rpc if how == "rpc" else call_by_port)(broker, tally)
    broker.start()
    await broker.ready(_READY)
    watched = [os.getpid(), *pids]
    async with asyncio.TaskGroup() as clients:
        for _ in range(in_flight):
            clients.create_task(client())
        async with asyncio.timeout(_READY):
            await tally.first.wait()
        await asyncio.sleep(_WARM_UP)
        before = [proc.cpu_seconds(pid) for pid in watched]
        tally.counting, began = True, time.perf_counter()
        await asyncio.sleep(seconds)
        tally.counting, took = False, time.perf_counter() - began
        after = [proc.cpu_seconds(pid) for pid in watched]
        tally.over.set()
    await broker.close()
    times = sorted(tally.times) or [0.0]
    told = {
        "calls": len(tally.times),
        "seconds": took,
        "p50": times[len(times) // 2] * 1e6,
        "p99": times[len(times) * 99 // 100] * 1e6,
        "cpu": [end - begin for begin, end in zip(before, after, strict=True)],
    }
    print(msgspec.json.encode(told).decode(), flush=True)


if __name__ == "__main__":
    how, url, seconds, in_flight, *pids = sys.argv[1:]
    loop.run(main(how, url, float(seconds), int(in_flight), [int(pid) for pid in pids]))
