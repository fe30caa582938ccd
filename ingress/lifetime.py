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
    loop.add_signal_handler(signal.SIGHUP, gateway.reload)
    await gateway.start(public, private)
    heap.settle()
    heap.seldom()
    await stop.wait()
    # A second signal ends it now, as an impatient operator expects.
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)
    await gateway.stop()
