"""A stage whose every part can be hurt, and the look-over after each test."""

import asyncio
import signal
import uuid
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import aio_pika
import pytest
from pamqp.commands import Queue

from tests.acceptance.stage import GatewayProcess, Stage
from tests.faults.proxy import Proxy
from tests.harness import http
from tests.harness.processes import ChildProcess
from tests.harness.rabbitmq import PrivateRabbitMQ
from tests.harness.waiting import eventually

# How a gateway is started: with time for a load balancer to notice that it leaves.
OPTIONS: Final = ("--drain-delay", "0.5")
CREW: Final = Path(__file__).parent / "crew"
# For a file of tests whose faults never come near the broker: the lane on alone.
ONE_WAY: Final = pytest.mark.parametrize("way", ["lane"], scope="module")
# What a worker says when it begins to consume.
SERVING: Final = " with concurrency "
# Seconds within which all must be well again once the fault is over (with its processes busy).
RECOVERY: Final = 2.0


class Theatre:
    """Gateways and workers with proxies before their broker, and one before the first gateway.

    ``gateway_way`` and ``worker_way`` lead to the broker, ``front`` leads clients to the gateway.
    ``heartbeat`` is in seconds: short, so that a silent broker is found out within a test.
    Without the ``lane`` both sides speak to it by plain aio-pika calls.
    """

    def __init__(
        self,
        folder: Path,
        broker: PrivateRabbitMQ,
        *,
        options: tuple[str, ...] = OPTIONS,
        heartbeat: int = 1,
        lane: bool = True,
    ) -> None:
        self.broker = broker
        self.options = options
        self.vhost = f"faults-{uuid.uuid4().hex[:8]}"
        settings = f"heartbeat={heartbeat}&lane={'on' if lane else 'off'}"
        url = f"{broker.create_vhost(self.vhost)}?{settings}"
        port = urlsplit(url).port
        assert port is not None
        self.gateway_way, self.worker_way = Proxy(port), Proxy(port)
        self.stage = Stage(
            folder, self.gateway_way.url(url), worker_url=self.worker_way.url(url), crew=CREW
        )
        self.front = Proxy(self.stage.port)
        self._running = ExitStack()
        self._pids: dict[str, int] = {}

    def __enter__(self) -> Self:
        for proxy in (self.gateway_way, self.worker_way, self.front):
            self._running.enter_context(proxy)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.broker.thaw()
        for worker in self.stage.workers:
            worker.kill()  # some still work on calls that nobody waits for any more
        self.stage.close()
        self._running.close()
        self.broker.revive()
        self.broker.delete_vhost(self.vhost)

    @property
    def port(self) -> int:
        """The first gateway's public port."""
        return self.stage.port

    @property
    def gateway(self) -> GatewayProcess:
        """The first gateway."""
        return self.stage.gateways[0]

    def start(self, workers: int = 2) -> None:
        """Start the gateways and the workers."""
        for gateway in self.stage.gateways:
            gateway.start(*self.options)
        for _ in range(workers):
            self.stage.start_worker()

    async def heal(self, workers: int = 2) -> None:
        """End all faults; wait until all is well, with so many workers; begin to count anew."""
        self.broker.thaw()
        await asyncio.to_thread(self.broker.revive)
        for proxy in (self.gateway_way, self.worker_way, self.front):
            proxy.heal()
        alive = [worker for worker in self.stage.workers if worker.returncode is None]
        for worker in alive:
            worker.send(signal.SIGCONT)
        for _ in range(workers - len(alive)):
            self.stage.start_worker()
        await self.stage.ready()
        await self.stage.staffed(workers)
        if self.gateway.process is not None:
            self._pids["gateway"] = self.gateway.process.pid

    async def look_over(self) -> None:
        """Hold that nothing is pending, and that the gateways are the processes they were."""
        for gateway in self.stage.gateways:
            await eventually(partial(self.idle, gateway), what="nothing is pending")
            assert gateway.process is not None
            assert gateway.process.returncode is None

    async def idle(self, gateway: GatewayProcess) -> bool:
        """Tell whether a gateway waits for nothing."""
        about = await gateway.about()
        return (about["pending"], about["in_flight"]) == (0, 0)

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> http.Answer:
        """Ask the first gateway on a connection of its own."""
        return await http.ask(self.port, method, path, body, **headers)

    async def answers(self, method: str = "GET", path: str = "/work", status: int = 200) -> bool:
        """Tell whether a request is answered so."""
        with suppress(OSError):
            return (await self.ask(method, path)).status == status
        return False

    async def roll_gateway(self, gateway: GatewayProcess) -> None:
        """Replace a gateway's process by another one, in good order."""
        process = gateway.process
        assert process is not None
        process.send(signal.SIGTERM)
        await eventually(lambda: process.returncode is not None, within=20, what="it has left")
        assert process.returncode == 0
        gateway.start(*self.options)
        await eventually(gateway.is_ready, within=20, what="the next one is ready")

    async def add_worker(self) -> None:
        """Start one more worker and wait until it serves."""
        served = self.stage.said().count(SERVING)
        self.stage.start_worker()
        await eventually(
            lambda: self.stage.said().count(SERVING) > served, within=20, what="the next one serves"
        )

    async def roll_worker(self, worker: ChildProcess) -> None:
        """Replace a worker, in good order."""
        await self.add_worker()
        self.stage.workers.remove(worker)
        worker.send(signal.SIGTERM)
        await eventually(lambda: worker.returncode is not None, within=20, what="it has left")
        assert worker.returncode == 0
        worker.kill()  # what is left of it

    async def is_down(self) -> bool:
        """Tell whether the first gateway knows that it has no broker."""
        return await self.gateway.metric("queuegate_broker_state") == 0

    async def is_blocked(self) -> bool:
        """Tell whether the first gateway knows that its broker takes nothing."""
        return await self.gateway.metric("queuegate_broker_state") == 1

    async def consumers(self, queue: str = "crew") -> int:
        """Count who consumes from a queue, as the broker knows it now."""
        return (await self._counted(queue)).consumer_count or 0

    async def letters(self, queue: str) -> int:
        """Count the dead letters of a queue."""
        return (await self._counted(f"{queue}.dead")).message_count or 0

    async def _counted(self, queue: str) -> Queue.DeclareOk:
        connection = await aio_pika.connect(self.broker.url(self.vhost))
        async with connection:
            channel = await connection.channel()
            return (await channel.declare_queue(queue, passive=True)).declaration_result

    def busy_worker(self) -> ChildProcess:
        """Give the worker that ran the last call."""
        return self._worker_of((self.stage.folder / "runs").read_text().splitlines()[-1])

    def worker_of(self, request_id: str) -> ChildProcess:
        """Give the worker that runs a call."""
        lines = (self.stage.folder / "runs").read_text().splitlines()
        return self._worker_of(next(line for line in lines if line.startswith(f"{request_id} ")))

    def _worker_of(self, run: str) -> ChildProcess:
        pid = int(run.split(" ")[2])
        return next(worker for worker in self.stage.workers if worker.pid == pid)
