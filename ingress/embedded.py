"""Gateway and workers in one process, on the embedded broker or a real one.

The one place where the gateway's side imports the workers' side: it is for
development and demos, where one command should be enough.
"""

import asyncio
import os
import socket
from collections.abc import Sequence
from pathlib import Path

from contracts import logs
from contracts.brokers.memory import MemoryHub
from contracts.brokers.opening import open_broker
from ingress import offers, routefile
from ingress.gateway import Gateway, Settings
from ingress.lifetime import until_told
from ingress.problems import ConfigError
from ingress.process import broker_url
from ingress.supervisor import hold_lifeline
from workers import runner


async def serve(
    settings: Settings, services: Sequence[str], public: socket.socket, private: socket.socket
) -> None:
    """Serve gateway and ``services`` (``module:attribute`` each) until told.

    Raises ``ConfigError`` for a wrong route file, also for a route whose
    operation the code does not have, and ``ServiceError`` for a service that
    cannot be loaded.
    """
    console = logs.configure(format=settings.log_format, level=settings.log_level)
    loaded = [runner.load(reference) for reference in services]
    # The code is here, so hold the routes against it, as `routes check` does.
    if found := offers.problems(routefile.load(settings.config), Path.cwd()):
        raise ConfigError(found)
    url = broker_url(settings)
    hub = MemoryHub()
    gateway = Gateway(
        settings, open_broker(url, name=f"queuegate dev {os.getpid()}", hub=hub), console
    )
    stop, workers_stop = asyncio.Event(), asyncio.Event()
    hold_lifeline(stop.set)
    crew = asyncio.create_task(
        runner.serve(
            loaded,
            open_broker(url, name=f"queuegate dev workers {os.getpid()}", hub=hub),
            stop=workers_stop,
        )
    )
    # Workers that cannot run end the whole: half a demo helps nobody.
    crew.add_done_callback(lambda _: stop.set())
    try:
        await until_told(gateway, public, private, stop)
    finally:
        # Workers leave last: the calls in flight are theirs to answer.
        workers_stop.set()
        await crew
