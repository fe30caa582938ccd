"""The curl lines of docs/routing.md, word for word, against examples/routing."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ingress import admin_token
from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import wait_until

FOLDER: Final = ROOT / "examples" / "routing"
_LINE: Final = re.compile(r"^(curl .*?) +# (\d{3}) ?(.*)$", re.MULTILINE)


def lines(page: str) -> list[tuple[str, str, str]]:
    """Give the curl lines of a page, each with the status and what else stands beside it."""
    return _LINE.findall((ROOT / "docs" / page).read_text())


class Served:
    """The sample routes, and the ports that stand for 8000 and 8001."""

    def __init__(self, port: int, admin: int) -> None:
        self._ports = {"8000": str(port), "8001": str(admin)}

    def said(self, line: str) -> tuple[str, str]:
        """Run a curl line; give the status, and the whole answer."""
        line = re.sub("800[01]", lambda found: self._ports[found.group()], line)
        line = line.replace("$(queuegate admin token)", admin_token.read(admin_token.place()))
        words = [*shlex.split(line), "-sS", "-i", "-w", "\n%{http_code}"]
        told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        answer, _, status = told.rpartition("\n")
        return status, answer


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The sample routes with their service, in one process."""
    port, admin = free_port(), free_port()
    words = ("--no-reload", "--port", str(port), "--admin-port", str(admin))
    env = {"PYTHONPATH": str(ROOT), "BROKER_URL": "memory://"}
    log: Path = tmp_path_factory.mktemp("routing") / "log"
    with ChildProcess(queuegate_command("dev", *words), log, env, FOLDER) as child:
        child.wait_for_output("serving on")
        served = Served(port, admin)
        wait_until(lambda: served.said("curl http://127.0.0.1:8001/readyz")[0] == "200")
        yield served


@pytest.mark.parametrize("page", ["routing.md", "versions.md"])
def test_a_curl_line_answers_as_written(served: Served, page: str) -> None:
    """With the status that stands beside it, and what else does."""
    found = lines(page)
    assert len(found) > 5
    for line, status, text in found:
        wait_until(
            lambda line=line, status=status: served.said(line)[0] == status,  # type: ignore[misc]
            within=5,
            what=f"{line} gives {status}",
        )
        assert text in served.said(line)[1], line


@pytest.mark.parametrize("page", ["routing.md", "versions.md"])
def test_the_page_shows_what_a_command_prints(page: str) -> None:
    """Word for word, from the same file."""
    text = (ROOT / "docs" / page).read_text()
    shown = re.search(r"^\$ queuegate (.*?)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert shown is not None
    told = subprocess.run(
        queuegate_command(*shlex.split(shown[1])),
        capture_output=True,
        text=True,
        check=True,
        cwd=FOLDER,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ).stdout
    assert shown[2] in told
