"""How long a gateway process serves: until it is told to stop."""

import asyncio
import signal
import socket

from contracts import heap
from ingress.gateway import Gateway


async def until_told(
    gateway: Gateway, public: socket.socket, private: socket.socket, stop: asyncio.Event
) -> None:
    """Serve until SIGTERM, SIGINT or ``stop``; SIGHUP reloads the routes."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    reloads = _Reloads(gateway)
    loop.add_signal_handler(signal.SIGHUP, reloads.begin)
    await gateway.start(public, private)
    heap.settle()
    heap.seldom()
    await stop.wait()
    # A second signal ends it now, as an impatient operator expects.
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)
    await gateway.stop()


class _Reloads:
    """Reloads one after the other, each in a task of its own."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        task = asyncio.get_running_loop().create_task(self._one())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _one(self) -> None:
        async with self._turn:
            await self._gateway.reload()
