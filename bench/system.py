"""A system under test: an edge process, worker processes, and how they are started."""

import http.client
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from bench.places import PEERS, ROOT, WORK
from tests.harness.ports import free_port
from tests.harness.processes import ChildProcess
from tests.harness.redis import PrivateRedis
from tests.harness.waiting import wait_until

_START_SECONDS: Final = 60.0


class Stage(msgspec.Struct, frozen=True):
    """Where a system is to run: its broker URL, its ports, a folder of its own, Redis if needed."""

    url: str
    port: int
    admin_port: int
    folder: Path
    redis: str = ""


class Program(msgspec.Struct, frozen=True):
    """A command line, where it runs, and its environment."""

    words: tuple[str, ...]
    cwd: Path = ROOT
    env: Mapping[str, str] = {}


Maker = Callable[[Stage], Program]


class System(msgspec.Struct, frozen=True):
    """One edge and one worker; ``needs`` names the folder of peers to install first.

    With ``get`` it is asked with GET, and gives the body of the load by itself. With ``redis`` it
    has one of its own. ``headers`` are sent with each request. ``counts`` is a sample of its
    metrics that grows by one with each, or a measurement of it is not valid.
    """

    name: str
    title: str
    edge: Maker
    worker: Maker | None = None
    needs: str = ""
    path: str = "/echo"
    get: bool = False
    redis: bool = False
    headers: Mapping[str, str] = {}
    counts: str = ""


class Running(msgspec.Struct, frozen=True):
    """A system that answers."""

    port: int
    edge: int
    """The id of the edge's process; its children are counted with it."""
    worker: int | None
    path: str
    get: bool = False
    headers: Mapping[str, str] = {}
    admin_port: int = 0
    counts: str = ""


class StartError(RuntimeError):
    """A system did not come up; says what it printed."""


@contextmanager
def started(system: System, url: str, body: bytes, runs: Path) -> Iterator[Running]:
    """Run a system for the time of the block, once it answers the body with the body.

    It gets an empty folder below ``runs`` for its files and logs. Raises ``StartError`` when it
    does not answer within a minute.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{system.name}-", dir=runs))
    with ExitStack() as stack:
        redis = stack.enter_context(PrivateRedis()).own_url() if system.redis else ""
        stage = Stage(url, free_port(), free_port(), folder, redis)
        worker = None
        if system.worker is not None:
            # First, since it declares the queue.
            worker = stack.enter_context(_child(system.worker(stage), folder / "worker.log"))
        edge = stack.enter_context(_child(system.edge(stage), folder / "edge.log"))
        children = [child for child in (edge, worker) if child is not None]

        def answers() -> bool:
            _must_run(system, children)
            return echoes(stage.port, system.path, body, get=system.get, headers=system.headers)

        try:
            wait_until(answers, _START_SECONDS, f"{system.name} echoes")
        except AssertionError as error:
            said = "\n".join(child.output[-1500:] for child in children)
            raise StartError(f"{error}\n{said}") from None
        yield Running(
            stage.port,
            edge.pid,
            worker.pid if worker else None,
            system.path,
            system.get,
            system.headers,
            stage.admin_port,
            system.counts,
        )
        _must_run(system, children)


def _must_run(system: System, children: Sequence[ChildProcess]) -> None:
    for child in children:
        if child.returncode is not None:
            message = f"{system.name}: {child!r} and printed:\n{child.output[-1500:]}"
            raise StartError(message)


def _child(program: Program, log: Path) -> ChildProcess:
    return ChildProcess(program.words, log, program.env, program.cwd)


def echoes(
    port: int,
    path: str,
    body: bytes,
    *,
    get: bool = False,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> bool:
    """Ask once; only the same body back will do (spaces of a JSON writer aside)."""
    kind = {"Content-Type": "application/json"}
    asked = ("GET", path, None, headers) if get else ("POST", path, body, {**kind, **headers})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(*asked)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    # Moleculer and its like write the JSON anew.
    return answer.status == http.client.OK and msgspec.json.decode(text) == msgspec.json.decode(
        body
    )


def script(folder: str, *words: str) -> Maker:
    """A peer's Python file, run by this very Python: our own versions of Sanic and aio-pika."""
    return _peer((sys.executable, *words), PEERS / folder)


def pip_script(folder: str, *words: str) -> Maker:
    """A peer's Python file, run in the peer's own environment."""
    python = str(WORK / folder / ".venv" / "bin" / "python")
    return _peer((python, "-W", "ignore", *words), PEERS / folder)


def node_script(folder: str, *words: str, **env: str) -> Maker:
    """A peer's JavaScript file, beside its modules."""
    return _peer(("node", *words), WORK / folder, env)


def _peer(words: tuple[str, ...], cwd: Path, more: Mapping[str, str] | None = None) -> Maker:
    def make(stage: Stage) -> Program:
        env = {"AMQP_URL": stage.url, "PORT": str(stage.port), "NODE_ENV": "production"}
        return Program(words, cwd, {**env, **(more or {})})

    return make
