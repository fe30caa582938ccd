"""`queuegate dev`: gateway and workers in one process, anew after each change."""

import sys
from pathlib import Path

import httpx
import pytest

from ingress.development import develop
from ingress.gateway import Settings
from ingress.problems import ConfigError
from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import wait_until

SERVICE = """
from queuegate import Service

service = Service("hut")

@service.operation()
async def hello() -> str:
    return "{word}"
"""
ROUTES = """
services: {hut: {module: "hut:service"}}
routes: [{route: GET /hello, operation: hut.hello}]
"""


def test_a_change_of_code_is_seen_and_a_wrong_route_file_is_not(tmp_path: Path) -> None:
    """New code serves after a moment; a wrong route file is told, and the old one serves."""
    (tmp_path / "hut.py").write_text(SERVICE.format(word="one"))
    (tmp_path / "gateway.yaml").write_text(ROUTES)
    port = free_port()
    command = queuegate_command("dev", "--port", str(port), "--admin-port", str(free_port()))
    env = {"PYTHONPATH": str(ROOT), "BROKER_URL": "memory://"}
    with ChildProcess(command, tmp_path / "log", env, tmp_path) as dev:
        dev.wait_for_port(port)

        def hello() -> str:
            return httpx.get(f"http://127.0.0.1:{port}/hello", trust_env=False).text

        wait_until(lambda: hello() == "one", within=20)
        (tmp_path / "hut.py").write_text(SERVICE.format(word="two"))
        wait_until(lambda: hello() == "two", within=20)
        (tmp_path / "gateway.yaml").write_text(ROUTES + "nonsense: 1\n")
        dev.wait_for_output("the old one goes on")
        assert "nonsense" in dev.output
        assert hello() == "two"
        assert dev.terminate() == 0


def test_a_wrong_route_file_is_no_start(tmp_path: Path) -> None:
    """At the start it is an error, whether to reload or not."""
    with pytest.raises(ConfigError):
        develop(Settings(config=tmp_path / "none.yaml"), reload=True)


def test_a_route_file_without_code_is_no_start(tmp_path: Path) -> None:
    """Without a module there is nothing to run, and the message has the lines that are missing."""
    path = tmp_path / "gateway.yaml"
    path.write_text("routes: [{route: GET /hello, operation: hut.hello}]")
    with pytest.raises(
        ConfigError, match=r"add `services: {hut: {module: \"your_file:service\"}}`"
    ):
        develop(Settings(config=path), reload=True)


def test_a_route_to_an_operation_that_the_code_has_not_is_not_served(tmp_path: Path) -> None:
    """It is told at its line, and with what would be right."""
    (tmp_path / "hut.py").write_text(SERVICE.format(word="one"))
    (tmp_path / "gateway.yaml").write_text(ROUTES.replace("hut.hello", "hut.helo"))
    command = queuegate_command("dev", "--port", "0", "--admin-port", "0", "--no-reload")
    env = {"PYTHONPATH": str(ROOT), "BROKER_URL": "memory://"}
    with ChildProcess(command, tmp_path / "log", env, tmp_path) as dev:
        dev.wait_for_output("the code of hut has no operation 'hut.helo'")
        assert "did you mean hut.hello?" in dev.output


def test_a_folder_of_the_users_does_not_hide_our_packages(tmp_path: Path) -> None:
    """A user's own package called `contracts` beside the route file hides nothing of ours."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "__init__.py").write_text("raise RuntimeError('theirs')")
    (tmp_path / "hut.py").write_text(SERVICE.format(word="one"))
    (tmp_path / "gateway.yaml").write_text(ROUTES)
    port = free_port()
    command = [str(Path(sys.executable).with_name("queuegate")), "dev", "--port", str(port)]
    env = {"BROKER_URL": "memory://"}
    command += ["--admin-port", str(free_port())]
    with ChildProcess(command, tmp_path / "log", env, tmp_path) as dev:
        dev.wait_for_output("serving on")
        assert "theirs" not in dev.output
