"""A gateway under garbage: it answers no 5xx, does not grow, and never hangs."""

import asyncio
import re
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec

from bench import proc
from ingress import routefile
from ingress.compile import compile_plans
from ingress.problems import ConfigError
from tests.fuzz.garbage import KEY, SECRET, Garbage
from tests.harness import http
from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import eventually

ROUTES: Final = """
connections: {header_timeout: 2s, body_timeout: 2s, idle_timeout: 5s}
trusted_proxies: {networks: [127.0.0.1], headers: [forwarded]}
services:
  fuzz: {module: "target:fuzz"}
journal: {store: journal.db, retention: {age: 1m, size: 20MiB}}
auth:
  keys: {key: {header: x-api-key}}
  tokens:
    jwt: {algorithms: [HS256], keys: {secrets: ["${SECRET}"]}, any_audience: true}
  signed:
    signature:
      keys: [{id: shop, algorithm: hmac-sha256, secret: "${SECRET}"}]
consumers:
  anna: {keys: ["${ANNA_KEY}"]}
defaults: {timeout: 5s, log: false, max_body: 64KiB, journal: full, breaker: off}
routes:
  - {route: GET /ok, operation: fuzz.ok, journal: off}
  - {route: ANY /any, operation: fuzz.echo, security_headers: {}, cors: {origins: ["*"]}}
  - route: ANY /json
    operation: fuzz.echo
    body: {media: [application/json]}
    json_limits: {depth: 8, keys: 20}
  - route: ANY /form
    operation: fuzz.echo
    body: {media: [application/x-www-form-urlencoded]}
  - route: ANY /msgpack
    operation: fuzz.echo
    body: {media: [application/msgpack]}
  - {route: "ANY /raw/{rest...}", operation: fuzz.echo}
  - {route: "ANY /items/{id}", operation: fuzz.item}
  - {route: GET /cached, operation: fuzz.ok, cache: {}}
  - {route: ANY /key, operation: fuzz.echo, auth: [keys]}
  - {route: ANY /jwt, operation: fuzz.echo, auth: [tokens, keys]}
  - {route: ANY /signed, operation: fuzz.echo, auth: [signed]}
"""
TARGET: Final = """
from queuegate import Call, Reply, Service

fuzz = Service("fuzz", concurrency=100)

@fuzz.operation(idempotent=True)
async def ok() -> str:
    return "ok"

@fuzz.operation()
async def echo(call: Call, body: bytes) -> Reply:
    return Reply(body=body[:100])

@fuzz.operation()
async def item(id: int) -> str:
    return str(id)
"""
# Clients at a time, and seconds that each waits for an answer to come or a connection to end.
CLIENTS: Final = 24
_PATIENCE: Final = 0.3
# A live gateway answers a plain question in so many seconds, however busy the machine.
_ALIVE: Final = 10.0
_OK: Final = 200
# What may be more at the end than when it was warm: caches fill up to their bounds.
GROWTH: Final = 1.15
_SLACK: Final = 24 * 1024**2
_STATUS: Final = re.compile(rb"HTTP/1\.1 ([0-9]{3}) [^\r]*\r\n[^\r]+: ")
_TROUBLE: Final = re.compile(r"Traceback|the gateway failed|uncaught|Error:.*never retrieved")


class Found(msgspec.Struct):
    """Something that must not be, and what made it."""

    what: str
    data: str


class Account(msgspec.Struct):
    """What was sent, and what came of it. Memory in bytes, one sample a second."""

    seed: int
    requests: int = 0
    files: int = 0
    files_right: int = 0
    statuses: Counter[str] = msgspec.field(default_factory=Counter)
    memory: list[int] = msgspec.field(default_factory=list)
    found: list[Found] = msgspec.field(default_factory=list)

    @property
    def grown(self) -> float:
        """How many times the memory it has at the end, of what it had when it was warm."""
        quarter = len(self.memory) // 4
        if not quarter:
            return 1.0
        warm = statistics.median(self.memory[quarter : 2 * quarter])
        end = statistics.median(self.memory[-quarter:])
        return max(1.0, (end - _SLACK) / warm)


class Fuzz:
    """Runs for ``seconds``: ``await Fuzz(folder, seconds, seed).run()``."""

    def __init__(self, folder: Path, seconds: float, seed: int) -> None:
        self.account = Account(seed=seed)
        self._folder = folder
        self._seconds = seconds
        self._port, self._admin = free_port(), free_port()

    async def run(self) -> Account:
        """Serve, send garbage, look, and give the account."""
        (self._folder / "gateway.yaml").write_text(ROUTES)
        (self._folder / "target.py").write_text(TARGET)
        words = ("dev", "--no-reload", "--port", str(self._port), "--admin-port", str(self._admin))
        env = {
            "PYTHONPATH": str(ROOT),
            "LOG_LEVEL": "WARNING",
            "BROKER_URL": "",
            "ANNA_KEY": KEY,
            "SECRET": SECRET,
        }
        command = queuegate_command(*words)
        with ChildProcess(command, self._folder / "log", env, self._folder) as gateway:
            await asyncio.to_thread(gateway.wait_for_port, self._port)
            # The worker may need a moment more than the port.
            await eventually(self._answers, within=20, what="the worker answers")
            end = time.monotonic() + self._seconds
            works = [self._client(number, end) for number in range(CLIENTS)]
            await asyncio.gather(*works, self._watch(gateway, end), self._files(end))
            await self._alive()
            code = await asyncio.to_thread(gateway.terminate)
            if code:
                self._find(f"the gateway ended with {code}", b"")
            if trouble := _TROUBLE.search(gateway.output):
                about = gateway.output[trouble.start() :][:3000]
                self._find("trouble in the log", about.encode())
        if self.account.grown > GROWTH:
            self._find(f"the gateway has grown {self.account.grown:.2f} times", b"")
        return self.account

    def _find(self, what: str, data: bytes) -> None:
        if len(self.account.found) < 50:
            self.account.found.append(Found(what, repr(data)))

    async def _client(self, number: int, end: float) -> None:
        garbage = Garbage(self.account.seed * 1000 + number)
        while time.monotonic() < end:
            pieces = garbage.request()
            answer = await self._ask(pieces)
            self.account.requests += 1
            for status in _STATUS.findall(answer):
                self.account.statuses[status.decode()] += 1
                if status.startswith(b"5"):
                    self._find(f"answered {status.decode()}", b"".join(pieces))

    async def _ask(self, pieces: list[bytes]) -> bytes:
        answer = b""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0)
            async with asyncio.timeout(_PATIENCE):
                while part := await reader.read(65_536):
                    answer += part
        except (TimeoutError, ConnectionError):
            pass  # it waits for more, or has closed: both are right for garbage
        finally:
            writer.transport.abort()
        return answer

    async def _watch(self, gateway: ChildProcess, end: float) -> None:
        while time.monotonic() < end:
            self.account.memory.append(proc.memory(gateway.pid))
            await self._alive()
            await asyncio.sleep(1)

    async def _answers(self) -> bool:
        return (await http.ask(self._port, "GET", "/ok")).status == _OK

    async def _alive(self) -> None:
        try:
            async with asyncio.timeout(_ALIVE):
                answer = await http.ask(self._port, "GET", "/ok")
        except (TimeoutError, OSError) as error:
            self._find(f"a plain request had no answer: {error!r}", b"")
            return
        if answer.status != _OK:
            self._find(f"a plain request was answered {answer.status}", answer.body)

    async def _files(self, end: float) -> None:
        """Hold changed route files against the reader, which may only refuse them."""
        garbage = Garbage(self.account.seed)
        page = (ROOT / "docs" / "configuration.md").read_text()
        samples = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        whole = [sample.encode() for sample in (*samples, ROUTES) if "routes:" in sample]
        while time.monotonic() < end:
            data = garbage.text(garbage.chance.choice(whole))
            self.account.files += 1
            try:
                compile_plans(
                    routefile.parse(data, environment={"ANNA_KEY": KEY, "SECRET": SECRET})
                )
            except ConfigError:
                pass
            except Exception as error:  # noqa: BLE001 - any other is what is looked for
                self._find(f"a route file raised {error!r}", data)
            else:
                self.account.files_right += 1
            await asyncio.sleep(0.05)
