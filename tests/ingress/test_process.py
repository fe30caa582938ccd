"""Gateway processes: one here, or several under a supervisor."""

import os
import signal
import socket
from collections import Counter
from pathlib import Path

import httpx
import pytest

from ingress.gateway import Settings
from ingress.problems import ConfigError, UsageError
from ingress.process import broker_url, serve
from tests.harness.ports import free_port
from tests.harness.processes import ChildProcess, queuegate_command
from tests.harness.waiting import wait_until

ROUTES = "broker: {url}\nroutes: [{{route: GET /x, operation: a.b}}]\n"


def config(folder: Path, url: str = "memory://") -> Path:
    """Write a route file for a broker."""
    path = folder / "gateway.yaml"
    path.write_text(ROUTES.format(url=url))
    return path


def gateway(folder: Path, port: int, admin: int, *more: str, url: str) -> ChildProcess:
    """Start `queuegate serve`."""
    words = ["serve", "-c", str(config(folder, url)), "--port", str(port)]
    command = queuegate_command(*words, "--admin-port", str(admin), *more)
    return ChildProcess(command, folder / "log")


def test_the_setting_beats_the_route_file(tmp_path: Path) -> None:
    """A broker that is given on the command line or in the environment is the one."""
    path = config(tmp_path)
    assert broker_url(Settings(config=path)) == "memory://"
    assert broker_url(Settings(config=path, broker="amqp://a/")) == "amqp://a/"


def test_the_embedded_broker_is_for_one_process(tmp_path: Path) -> None:
    """Several processes on memory:// are refused with what to do instead."""
    with pytest.raises(UsageError, match="BROKER_URL"):
        serve(Settings(config=config(tmp_path), processes=2, port=0, admin_port=0))


def test_a_taken_port_is_an_error_that_names_it(tmp_path: Path) -> None:
    """Nothing is half started when a port is taken."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=str(port)):
            serve(Settings(config=config(tmp_path), port=port, admin_port=0))


def test_a_wrong_route_file_is_told_before_anything_listens(tmp_path: Path) -> None:
    """Reading comes first."""
    path = tmp_path / "gateway.yaml"
    path.write_text("nonsense: 1")
    with pytest.raises(ConfigError):
        serve(Settings(config=path, port=0, admin_port=0))


def test_several_processes_share_the_ports_and_their_counts(tmp_path: Path, vhost_url: str) -> None:
    """Three processes serve one port, one that is killed is replaced, and metrics are the sum."""
    port, admin = free_port(), free_port()
    with gateway(tmp_path, port, admin, "--processes", "3", url=vhost_url) as child:
        wait_until(lambda: child.output.count("serving on") == 3, within=20)
        wait_until(lambda: _status(f"http://127.0.0.1:{admin}/readyz") == 200, within=10)
        for _ in range(30):
            assert _status(f"http://127.0.0.1:{port}/nope") == 404
        sample = 'queuegate_requests_total{code="not_found",route="-",status="404"} 30.0'
        wait_until(lambda: sample in httpx.get(f"http://127.0.0.1:{admin}/metrics").text)
        assert child.terminate() == 0
    assert Counter(line.split()[-1] for line in child.output.splitlines())["stopped"] == 3


def test_a_process_ends_by_signal_with_zero(tmp_path: Path) -> None:
    """SIGINT is an orderly end, too."""
    port, admin = free_port(), free_port()
    with gateway(tmp_path, port, admin, url="memory://") as child:
        child.wait_for_output("serving on")
        child.send(signal.SIGINT)
        assert child.wait() == 0
        # A gateway alone on the embedded broker can answer nothing, and says so.
        assert "where no worker is" in child.output


def test_a_child_with_a_wrong_route_file_ends_all_with_two(tmp_path: Path, vhost_url: str) -> None:
    """The route file goes bad and a child has to start anew: the supervisor gives up with 2."""
    port, admin = free_port(), free_port()
    with gateway(tmp_path, port, admin, "-n", "2", url=vhost_url) as child:
        wait_until(lambda: child.output.count("serving on") == 2, within=20)
        (tmp_path / "gateway.yaml").write_text("nonsense: 1")
        children = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        assert child.wait(20) == 2
    assert "nonsense" in child.output


def _status(url: str) -> int:
    return httpx.get(url, trust_env=False).status_code
