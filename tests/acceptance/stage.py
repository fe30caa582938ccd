"""Gateways and workers as real processes on a real RabbitMQ, for one test."""

import json
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from ingress import admin_token
from tests.harness import http
from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import eventually

CREW = Path(__file__).parent / "crew"


class GatewayProcess:
    """A gateway of the stage: its ports stay the same from one process to the next."""

    def __init__(self, stage: "Stage", url: str) -> None:
        self.port = free_port()
        self.admin_port = free_port()
        self.url = url
        self.process: ChildProcess | None = None
        self._stage = stage

    def __repr__(self) -> str:
        return f"<GatewayProcess {self.port} {self.process!r}>"

    def start(self, *options: str) -> None:
        """Start the process; one that ran before must have ended, or is killed."""
        if self.process is not None:
            self.process.kill()
        ports = ("--port", str(self.port), "--admin-port", str(self.admin_port))
        self.process = self._stage.run("serve", *ports, *options, BROKER_URL=self.url)

    async def is_ready(self) -> bool:
        """Ask it as a load balancer does."""
        try:
            return (await http.ask(self.admin_port, "GET", "/readyz")).status == 200
        except OSError:
            return False

    async def about(self) -> dict[str, object]:
        """Give what its admin port tells of it."""
        token = f"Bearer {admin_token.read(admin_token.place())}"
        told = await http.ask(self.admin_port, "GET", "/", authorization=token)
        document = json.loads(told.body)
        assert isinstance(document, dict)
        return document

    async def metric(self, sample: str) -> float:
        """Give the value of one sample of its metrics, 0 if it is not there."""
        text = (await http.ask(self.admin_port, "GET", "/metrics")).body.decode()
        for line in text.splitlines():
            if line.startswith(f"{sample} "):
                return float(line.rsplit(" ", 1)[1])
        return 0.0


class Stage:
    """What a test holds: ports, processes, and the file in which runs leave their lines.

    ``crew`` is the folder with ``crew.py`` and ``gateway.yaml``. Gateways and workers may have
    ways of their own to the broker.
    """

    def __init__(
        self, folder: Path, url: str, *, worker_url: str | None = None, crew: Path = CREW
    ) -> None:
        self.folder = folder
        self.url = url
        self.worker_url = worker_url or url
        self.gateways = [GatewayProcess(self, url)]
        self.workers: list[ChildProcess] = []
        # What a worker serves.
        self.services = ["crew:service"]
        self.log = folder / "log"
        for source in crew.iterdir():
            if source.is_file():
                shutil.copy(source, folder)

    @property
    def gateway(self) -> ChildProcess | None:
        """The first gateway's process."""
        return self.gateways[0].process

    @property
    def port(self) -> int:
        """The first gateway's public port."""
        return self.gateways[0].port

    @property
    def base(self) -> str:
        """The URL of the first gateway's public port."""
        return f"http://127.0.0.1:{self.port}"

    def client(self, connections: int = 100) -> httpx.AsyncClient:
        """Make an HTTP client of the first gateway."""
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        return httpx.AsyncClient(base_url=self.base, limits=limits, timeout=20, trust_env=False)

    def add_gateway(self, url: str = "") -> GatewayProcess:
        """Add a gateway, to be started."""
        self.gateways.append(GatewayProcess(self, url or self.url))
        return self.gateways[-1]

    def start_gateway(self, *options: str) -> None:
        """Start the first gateway."""
        self.gateways[0].start(*options)

    def start_worker(self, **env: str) -> ChildProcess:
        """Start one more worker process."""
        worker = self.run("worker", *self.services, **{"BROKER_URL": self.worker_url, **env})
        self.workers.append(worker)
        return worker

    def runs(self) -> Counter[str]:
        """Count the runs of the operations by request id."""
        path = self.folder / "runs"
        lines = path.read_text().splitlines() if path.exists() else []
        return Counter(line.split(" ")[0] for line in lines)

    def forget_runs(self) -> None:
        """Begin to count anew."""
        (self.folder / "runs").unlink(missing_ok=True)

    def break_operation(self) -> None:
        """Let the operation fail from now on."""
        (self.folder / "broken").touch()

    def mend_operation(self) -> None:
        """Let it work again."""
        (self.folder / "broken").unlink()

    async def ready(self) -> None:
        """Wait until the gateways say that they are."""
        for gateway in self.gateways:
            await eventually(
                gateway.is_ready, within=20, what=f"{gateway} is ready\n{self.said()[-4000:]}"
            )

    async def staffed(self, workers: int = 1) -> None:
        """Wait until so many workers have answered."""
        seen: set[bytes] = set()

        async def asked() -> bool:
            answer = await http.ask(self.port, "GET", "/work")
            if answer.status == 200:
                seen.add(answer.body)
            return len(seen) >= workers

        await eventually(asked, within=20, what=f"{workers} workers answer")
        self.forget_runs()

    async def metric(self, sample: str) -> float:
        """Give the value of one sample of the first gateway's metrics, 0 if it is not there."""
        return await self.gateways[0].metric(sample)

    async def about(self) -> dict[str, object]:
        """Give what the first gateway's admin port tells of it."""
        return await self.gateways[0].about()

    def said(self) -> str:
        """Give what the processes printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def run(self, *words: str, **env: str) -> ChildProcess:
        """Start a queuegate command."""
        whole = {"CREW_FOLDER": str(self.folder), "PYTHONPATH": str(ROOT), **env}
        return ChildProcess(queuegate_command(*words), self.log, whole, self.folder)

    def close(self) -> None:
        """End all processes."""
        gateways = [g.process for g in self.gateways if g.process is not None]
        running = [process for process in (*gateways, *self.workers) if process.returncode is None]
        for process in running:
            process.send(signal.SIGCONT)
            process.send(signal.SIGTERM)
        for process in running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        for process in (*gateways, *self.workers):
            process.kill()  # releases its guard


@asynccontextmanager
async def staged(folder: Path, url: str, *, workers: int = 1, **env: str) -> AsyncIterator[Stage]:
    """Have a gateway and ``workers`` workers ready on the broker at ``url``."""
    stage = Stage(folder, url)
    try:
        stage.start_gateway()
        for _ in range(workers):
            stage.start_worker(**env)
        await stage.ready()
        if workers:
            await stage.staffed(workers)
        yield stage
    finally:
        stage.close()
