"""Worker processes."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from ingress.crew import Settings, work
from ingress.problems import UsageError
from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import wait_until
from workers.runner import ServiceError

SERVICE = """
import os
from queuegate import Service

service = Service("crew", concurrency=1)

@service.operation()
async def who() -> str:
    return "{word} " + str(os.getpid())
"""


@pytest.mark.parametrize("broker", [None, "memory://"])
def test_a_worker_needs_a_broker_that_others_reach(broker: str | None) -> None:
    """Without one it says what to do; the embedded broker is not reachable from elsewhere."""
    with pytest.raises(UsageError, match="BROKER_URL"):
        work(Settings(services=("a:b",), broker=broker))


def test_a_wrong_reference_is_told_before_anything_runs() -> None:
    """A service that cannot be loaded is an error at once, also for several processes."""
    with pytest.raises(ServiceError):
        work(Settings(services=("nowhere:nothing",), broker="amqp://127.0.0.1:1/", processes=2))


def test_several_processes_work_and_reload_with_the_code(tmp_path: Path, vhost_url: str) -> None:
    """Two workers compete; after a change of the file both are new."""
    (tmp_path / "service.py").write_text(SERVICE.format(word="old"))
    routes = f"broker: {vhost_url}\nroutes: [{{route: GET /who, operation: crew.who}}]\n"
    (tmp_path / "gateway.yaml").write_text(routes)
    env = {"BROKER_URL": vhost_url, "PYTHONPATH": str(ROOT)}
    port = free_port()
    serve = queuegate_command("serve", "--port", str(port), "--admin-port", str(free_port()))
    crew = queuegate_command("worker", "service:service", "-n", "2", "--reload")
    with (
        ChildProcess(serve, tmp_path / "serve.log", env, tmp_path) as gateway,
        ChildProcess(crew, tmp_path / "crew.log", env, tmp_path) as workers,
    ):
        gateway.wait_for_port(port)
        seen: set[str] = set()

        def both_are(word: str) -> bool:
            answer = httpx.get(f"http://127.0.0.1:{port}/who", trust_env=False)
            if answer.status_code == 200 and answer.text.startswith(word):
                seen.add(answer.text)
            return len({one for one in seen if one.startswith(word)}) == 2

        wait_until(lambda: both_are("old"), within=20)
        (tmp_path / "service.py").write_text(SERVICE.format(word="new"))
        wait_until(lambda: both_are("new"), within=20)
        assert workers.terminate() == 0
        assert "service.py changed: restarting" in workers.output


def test_a_worker_has_nothing_of_the_gateway() -> None:
    """What only the gateway needs costs a worker neither memory nor time to start."""
    code = (
        "import ingress.crew, sys; "
        "print([name for name in ('sanic', 'pydantic', 'ingress.gateway') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
