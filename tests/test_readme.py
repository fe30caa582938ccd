"""The README tells the truth: its curl lines, word for word, and its example."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import wait_until

README = (ROOT / "README.md").read_text()
CURLS = re.findall(r"^(curl .*?) +# (\d{3})$", README, re.MULTILINE)


def block(language: str, containing: str) -> str:
    """Give the first code block of a language that contains a text."""
    for found in re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        if containing in found:
            return str(found)
    raise AssertionError(containing)


class Running:
    """A `queuegate dev` and the ports that stand for 8000 and 8001."""

    def __init__(self, port: int, admin: int) -> None:
        self.ports = {"8000": str(port), "8001": str(admin)}

    def status(self, line: str) -> int:
        """Run a curl line against it and give the HTTP status."""
        line = re.sub("800[01]", lambda found: self.ports[found.group()], line)
        words = [*shlex.split(line), "-sS", "-o", os.devnull, "-w", "%{http_code}"]
        return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


@contextmanager
def run(folder: Path, log: Path) -> Iterator[Running]:
    """Run `queuegate dev` in a folder."""
    port, admin = free_port(), free_port()
    words = ("--no-reload", "--port", str(port), "--admin-port", str(admin))
    env = {"PYTHONPATH": str(ROOT), "BROKER_URL": "memory://", "ORDERS_DB": str(log) + ".db"}
    with ChildProcess(queuegate_command("dev", *words), log, env, folder) as child:
        child.wait_for_output("serving on")
        running = Running(port, admin)
        wait_until(lambda: running.status("curl http://127.0.0.1:8001/readyz") == 200)
        yield running


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """What `make run` runs."""
    with run(ROOT, tmp_path_factory.mktemp("readme") / "log") as running:
        yield running


def test_there_are_lines_to_try() -> None:
    """The first screen has curl lines with what they answer."""
    assert len(CURLS) >= 5
    assert README.index("curl ") < 1500


@pytest.mark.parametrize("line,status", CURLS, ids=[f"{n}-{s}" for n, (_, s) in enumerate(CURLS)])
def test_a_curl_line_answers_as_written(dev: Running, line: str, status: str) -> None:
    """A line of the README gets the status that stands beside it."""
    wait_until(lambda: dev.status(line) == int(status), within=5, what=f"{line} gives {status}")


def test_the_example_service_works(tmp_path: Path) -> None:
    """The service and the route file of the README serve as they stand there."""
    (tmp_path / "shop.py").write_text(block("python", "from queuegate import"))
    (tmp_path / "gateway.yaml").write_text(block("yaml", "routes:"))
    post = "curl http://127.0.0.1:8000/items -H 'content-type: application/json' -d "
    with run(tmp_path, tmp_path / "log") as running:
        wait_until(lambda: running.status(f"""{post} '{{"sku": "tea", "quantity": 1}}'""") == 201)
        assert running.status(f"""{post} '{{"sku": "coffee", "quantity": 1}}'""") == 404
        assert running.status(f"""{post} '{{"sku": "tea"}}'""") == 422
