"""A gateway and workers as real processes on a real RabbitMQ, for one test."""

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.harness.ports import free_port
from tests.harness.waiting import eventually

CREW = Path(__file__).parent / "crew"
ROOT = Path(__file__).parents[2]


class Stage:
    """What a test holds: ports, processes, and the file in which runs leave their lines."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.admin_port = free_port()
        self.url = url
        self.gateway: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.log = folder / "log"
        for source in CREW.iterdir():
            if source.is_file():
                shutil.copy(source, folder)

    @property
    def base(self) -> str:
        """The URL of the public port."""
        return f"http://127.0.0.1:{self.port}"

    def client(self, connections: int = 100) -> httpx.AsyncClient:
        """Make an HTTP client of the gateway."""
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        return httpx.AsyncClient(base_url=self.base, limits=limits, timeout=20, trust_env=False)

    def start_gateway(self, *options: str) -> None:
        """Start the gateway process."""
        ports = ("--port", str(self.port), "--admin-port", str(self.admin_port))
        self.gateway = self._run("serve", *ports, *options)

    def start_worker(self, **env: str) -> subprocess.Popen[bytes]:
        """Start one more worker process."""
        worker = self._run("worker", "crew:service", **env)
        self.workers.append(worker)
        return worker

    def runs(self) -> Counter[str]:
        """Count the runs of the operation by request id."""
        path = self.folder / "runs"
        lines = path.read_text().splitlines() if path.exists() else []
        return Counter(line.split(" ")[0] for line in lines)

    def break_operation(self) -> None:
        """Let the operation fail from now on."""
        (self.folder / "broken").touch()

    def mend_operation(self) -> None:
        """Let it work again."""
        (self.folder / "broken").unlink()

    async def ready(self) -> None:
        """Wait until the gateway says that it is."""
        url = f"http://127.0.0.1:{self.admin_port}/readyz"
        async with httpx.AsyncClient(trust_env=False) as client:

            async def asked() -> bool:
                try:
                    return (await client.get(url)).status_code == 200
                except httpx.TransportError:
                    return False

            await eventually(asked, within=20, what=f"the gateway is ready\n{self.said()}")

    async def staffed(self, workers: int = 1) -> None:
        """Wait until so many workers have answered."""
        seen: set[str] = set()

        async with self.client() as client:

            async def asked() -> bool:
                answer = await client.get("/work")
                if answer.status_code == 200:
                    seen.add(answer.text)
                return len(seen) >= workers

            await eventually(asked, within=20, what=f"{workers} workers answer")
        (self.folder / "runs").unlink(missing_ok=True)

    async def metric(self, sample: str) -> float:
        """Give the value of one sample of the gateway's metrics, 0 if it is not there."""
        async with httpx.AsyncClient(trust_env=False) as client:
            text = (await client.get(f"http://127.0.0.1:{self.admin_port}/metrics")).text
        for line in text.splitlines():
            if line.startswith(f"{sample} "):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    async def about(self) -> dict[str, object]:
        """Give what the admin port tells of the gateway."""
        async with httpx.AsyncClient(trust_env=False) as client:
            document = (await client.get(f"http://127.0.0.1:{self.admin_port}/")).json()
        assert isinstance(document, dict)
        return document

    def said(self) -> str:
        """Give what the processes printed."""
        return self.log.read_text() if self.log.exists() else ""

    def close(self) -> None:
        """End all processes."""
        processes = [p for p in (self.gateway, *self.workers) if p is not None]
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _run(self, *words: str, **env: str) -> subprocess.Popen[bytes]:
        whole = {
            **os.environ,
            "BROKER_URL": self.url,
            "CREW_FOLDER": str(self.folder),
            "PYTHONPATH": str(ROOT),
            **env,
        }
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "ingress.cli", *words],
                cwd=self.folder,
                env=whole,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


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
