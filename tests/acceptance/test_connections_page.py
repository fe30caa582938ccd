"""docs/connections.md tells the truth: its walk, word for word."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import wait_until

PAGE = (ROOT / "docs" / "connections.md").read_text()
WALK = PAGE.partition("## A walk")[2]
CURLS = re.findall(r"^(curl .*?) +# (\d{3}) ?(.*)$", WALK, re.MULTILINE)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """The folder of the walk, and the port that stands for 8000."""
    folder, port = tmp_path_factory.mktemp("walk"), free_port()
    for name in ("gateway.yaml", "shop.py"):
        (text,) = re.findall(rf"^```\w+\n(# {name}\n.*?)^```", WALK, re.MULTILINE | re.DOTALL)
        (folder / name).write_text(text)
    (line,) = re.findall(r"^openssl .*$", WALK, re.MULTILINE)
    subprocess.run(shlex.split(line), cwd=folder, check=True, capture_output=True)
    words = ("dev", "--no-reload", "--port", str(port), "--admin-port", str(free_port()))
    env = {"PYTHONPATH": str(ROOT), "BROKER_URL": ""}
    with ChildProcess(queuegate_command(*words), folder / "log", env, folder):
        ask = "curl --cacert server.pem https://localhost:8000/who"
        wait_until(lambda: curl(ask, folder, port)[0] == 200, within=20)
        yield folder, port


def curl(line: str, folder: Path, port: int) -> tuple[int, str]:
    """Run a line against it; gives status and body."""
    words = shlex.split(line.replace("localhost:8000", f"localhost:{port}"))
    words += ["-sS", "--noproxy", "*", "-w", "\n%{http_code}"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder)
    body, _, status = ran.stdout.rpartition("\n")
    return int(status), body


@pytest.mark.parametrize("line,status,body", CURLS)
def test_each_line_of_the_walk_does_as_it_says(
    line: str, status: str, body: str, port: tuple[Path, int]
) -> None:
    """Status, and the body where one is told."""
    found = curl(line, *port)
    assert found[0] == int(status)
    assert not body or found[1] == body


def test_the_page_tells_every_status_that_a_refusal_at_the_door_has() -> None:
    """The corpus knows no other, and the table none that does not come."""
    told = set(re.findall(r"\| (\d{3}) \|$", PAGE, re.MULTILINE))
    cases = (ROOT / "tests" / "ingress" / "requests").glob("*.yaml")
    came = {one for path in cases for one in re.findall(r": \[(4\d\d),", path.read_text())}
    assert told == came | {"413", "421"}
    assert len(CURLS) == 8
