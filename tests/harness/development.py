"""`queuegate dev` as its user runs it, in a folder, with a broker in its own process."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ingress import admin_token
from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import wait_until

_LINE: Final = re.compile(r"^(curl .*?) +# (\d{3}) ?(.*)$", re.MULTILINE)


class Development:
    """What runs, and the ports that stand for 8000 and 8001 in a page's lines."""

    def __init__(self, port: int, admin: int, child: ChildProcess) -> None:
        self.port = port
        self.admin = admin
        self.child = child

    def __repr__(self) -> str:
        return f"<Development {self.port} {self.admin}>"

    def here(self, line: str) -> str:
        """Write a page's line for these ports, with the token of this run's admin port."""
        ports = {"8000": str(self.port), "8001": str(self.admin)}
        line = re.sub("800[01]", lambda found: ports[found.group()], line)
        return line.replace("$(queuegate admin token)", admin_token.read(admin_token.place()))

    def said(self, line: str) -> tuple[str, str]:
        """Run a curl line; give the status, and the whole answer."""
        words = [*shlex.split(self.here(line)), "-sS", "-i", "-w", "\n%{http_code}"]
        told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        answer, _, status = told.rpartition("\n")
        return status, answer


@contextmanager
def development(folder: Path, log: Path, until: str = "serving on") -> Iterator[Development]:
    """Run it until the block ends; it is ready, and ``until`` stands in its log."""
    port, admin = free_port(), free_port()
    words = ("dev", "--no-reload", "--port", str(port), "--admin-port", str(admin))
    env = {"PYTHONPATH": str(ROOT), "BROKER_URL": "memory://"}
    with ChildProcess(queuegate_command(*words), log, env, folder) as child:
        child.wait_for_output(until)
        running = Development(port, admin, child)
        ready = "curl http://127.0.0.1:8001/readyz"
        wait_until(lambda: running.said(ready)[0] == "200", what="it is ready")
        yield running


def lines(page: str) -> list[tuple[str, str, str]]:
    """Give the curl lines of a page, each with the status and what else stands beside it."""
    return _LINE.findall((ROOT / "docs" / page).read_text())
