"""Ten thousand recorded calls against a second version, on a real RabbitMQ."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ingress.journal.filter import Filter
from ingress.journal.opening import open_reader
from ingress.journal.record import Record
from ingress.journal.sqlite.reader import SqliteReader
from tests.harness.http import Connection
from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import eventually

CALLS = 10_000
CONNECTIONS = 32
PLANTED = {
    ("GET /orders/{id}", "status", "404 not_found -> 410 gone"),
    ("GET /orders", "$.found[*].id", "type"),
    ("POST /orders", "$.sku", "missing"),
}
JSON = {"content_type": "application/json"}


class House:
    """A gateway with a journal, and one or two versions of the shop behind it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.store = "journal.db"
        self.port = free_port()
        self.workers: list[ChildProcess] = []
        self._log = folder / "log"
        self._env = {"BROKER_URL": url, "PYTHONPATH": str(ROOT)}
        for source in (Path(__file__).parent / "versions").iterdir():
            if source.is_file():
                shutil.copy(source, folder)

    def keep_in(self, store: str) -> None:
        """Have the journal elsewhere, before the gateway starts."""
        path = self.folder / "gateway.yaml"
        path.write_text(path.read_text().replace(f"store: {self.store}", f"store: '{store}'"))
        self.store = store

    def start(self, *words: str, **env: str) -> ChildProcess:
        """Start a command."""
        whole = {**self._env, **env}
        return ChildProcess(queuegate_command(*words), self._log, whole, self.folder)

    async def run(self, *words: str, code: int | None = 0) -> Any:
        """Run a replay command to its end, and give the JSON that it printed, if any."""
        log = self.folder / "command"
        log.unlink(missing_ok=True)
        command = queuegate_command("replay", *words, "--json")
        with ChildProcess(command, log, self._env, self.folder) as child:
            assert await asyncio.to_thread(child.wait, 50) == code or code is None, child.output
            start = child.output.find("{")
            return json.loads(child.output[start:]) if start >= 0 else None

    async def ask(self, number: int, connection: Connection) -> int:
        """Make the call of a number: three kinds in turn."""
        if number % 3 == 0:
            answer = await connection.ask("GET", f"/orders/{number}")
        elif number % 3 == 1:
            limit = 2 if number % 300 == 1 else 3
            answer = await connection.ask("GET", f"/orders?q=tea&limit={limit}")
        else:
            body = b'{"sku": "tea-%d", "quantity": %d}' % (number, number % 7)
            answer = await connection.ask("POST", "/orders", body, **JSON)
        return answer.status

    def hire(self, **env: str) -> ChildProcess:
        """Start a worker."""
        self.workers.append(self.start("worker", "shop:shop", **env))
        return self.workers[-1]

    async def ready(self, workers: int = 2) -> None:
        """Wait until so many workers have begun to serve, and the gateway answers."""

        async def answers() -> bool:
            try:
                async with await Connection.open(self.port) as connection:
                    return await self.ask(1, connection) == 200
            except OSError:
                return False

        await eventually(lambda: self._log.read_text().count("with concurrency") == workers, 30)
        await eventually(answers, 20, "the shop answers")

    async def record(self, count: int) -> None:
        """Make calls, and wait until the journal has them all."""
        await self.call(count)

        async def recorded() -> bool:
            return len(await self.records()) >= count

        await eventually(recorded, 30, "the journal has them")

    async def records(self, wanted: Filter = Filter()) -> list[Record]:  # noqa: B008 - immutable
        """Give what the journal has."""

        def read() -> list[Record]:
            reader = open_reader(self.store, self.folder, broker=self._env["BROKER_URL"])
            try:
                return list(reader.find(wanted))
            finally:
                reader.close()

        # A stream is read in an event loop of its own.
        return await asyncio.to_thread(read)

    async def call(self, count: int) -> None:
        """Make calls, many at a time."""
        numbers: Iterator[int] = iter(range(count))

        async def client() -> None:
            async with await Connection.open(self.port) as connection:
                for number in numbers:
                    assert await self.ask(number, connection) < 500

        await asyncio.gather(*(client() for _ in range(CONNECTIONS)))


@asynccontextmanager
async def housed(
    folder: Path, url: str, *, prepare: Callable[[House], None] | None = None, **env: str
) -> AsyncIterator[House]:
    """Have a gateway, the old version on ``shop`` and the new one on ``shop.v2``."""
    house = House(folder, url)
    if prepare:
        prepare(house)
    ports = ("--port", str(house.port), "--admin-port", str(free_port()))
    with house.start("serve", *ports):
        try:
            house.hire(**env)
            house.hire(VERSION="2", SHOP_QUEUE="shop.v2", **env)
            await house.ready()
            yield house
        finally:
            for worker in house.workers:
                worker.kill()


def found(report: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Give what a report names."""
    return {(one["route"], one["path"], one["kind"]) for one in report["findings"]}


@pytest.mark.timeout(180)
async def test_three_planted_differences_are_exactly_three_findings(
    tmp_path: Path, vhost_url: str
) -> None:
    """Of 10,000 mixed calls the report names the three places where the new version differs."""
    async with housed(tmp_path, vhost_url) as house:
        await house.record(CALLS)
        words = ("--unsafe", "--not-replayed", "--limit", str(CALLS), "--concurrency", "64")
        told = await house.run("run", "--queue", "shop.v2", *words, "--compare", code=1)
        assert (told["answered"], told["failed"], told["total"]) == (CALLS, 0, CALLS)
        assert found(told["comparison"]) == PLANTED
        counts = {one["path"]: one["count"] for one in told["comparison"]["findings"]}
        assert counts["$.sku"] in range(3330, 3336)
        assert counts["$.found[*].id"] in range(33, 36)
        assert counts["status"] in range(66, 69)


@pytest.mark.timeout(180)
async def test_noise_hides_none_and_adds_none(tmp_path: Path, vhost_url: str) -> None:
    """With times and ids in each answer the same three are named, through the gateway too."""
    async with housed(tmp_path, vhost_url, NOISE="1") as house:
        await house.record(CALLS)
        words = ("--unsafe", "--limit", str(CALLS), "--concurrency", "64")
        url = f"http://127.0.0.1:{house.port}"
        old = await house.run("run", "--to", url, *words, "--name", "old")
        assert (old["answered"], old["failed"]) == (CALLS, 0)
        await house.run("run", "--queue", "shop.v2", *words, "--name", "new")
        report = await house.run("compare", "new", "--noise", "old", code=1)
        assert found(report) == PLANTED
        assert {one["path"] for one in report["noise"]} == {"$.served_at", "$.trace.id"}
        report = await house.run("compare", "old", "new", code=1)
        assert len(report["findings"]) > len(PLANTED)
        reader = SqliteReader(tmp_path / "journal.db")
        replays = list(reader.find(Filter(run="old"), limit=5))
        assert all(one.replay_of and reader.get(one.replay_of) for one in replays)
        assert reader.count(Filter(run="old")) == CALLS
        reader.close()
