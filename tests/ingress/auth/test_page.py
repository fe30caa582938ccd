"""docs/authentication.md tells the truth: its route file, its commands and its curl lines."""

import os
import re
import subprocess
from functools import partial
from pathlib import Path

from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import wait_until

PAGE = (ROOT / "docs" / "authentication.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
YAML = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
CURLS = re.findall(r"^(curl .*?) +# (\d{3})$", PAGE, re.MULTILINE)
COMMANDS = re.findall(r"^(queuegate .*)$", PAGE, re.MULTILINE)
ADMIN = re.findall(r"^(curl .*admin token.*)$", OPERATIONS, re.MULTILINE)


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    """In one folder: the file is served, a key is issued, and each line answers as written."""
    sample = (ROOT / "examples" / "keys" / "gateway.yaml").read_text()
    assert sample.endswith(YAML[0])
    (tmp_path / "gateway.yaml").write_text(sample)
    ports = {"8000": str(free_port()), "8001": str(free_port())}
    # The commands as they are typed: `queuegate` is on the path.
    path = f"{Path(queuegate_command()[0]).parent}:{os.environ['PATH']}"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "BROKER_URL": "memory://", "PATH": path}

    def shell(line: str) -> str:
        line = re.sub("800[01]", lambda found: ports[found.group()], line)
        done = subprocess.run(
            ["bash", "-ec", line], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
        )
        return done.stdout

    def status(line: str) -> str:
        return shell(f"{line} -sS -o {os.devnull} -w '%{{http_code}}'")

    def answers(line: str, wanted: str) -> bool:
        return status(line) == wanted

    words = ("dev", "--no-reload", "--port", ports["8000"], "--admin-port", ports["8001"])
    served = {"PYTHONPATH": str(ROOT), "BROKER_URL": "memory://"}
    command = queuegate_command(*words)
    with ChildProcess(command, tmp_path / "log", served, tmp_path) as child:
        child.wait_for_output("serving on")
        assert len(COMMANDS) == 2
        for line in COMMANDS:
            shell(line)
        assert len(CURLS) >= 5
        for line, wanted in CURLS:
            what = f"{line} gives {wanted}"
            wait_until(partial(answers, line, wanted), within=10, what=what)
        assert len(ADMIN) == 1
        assert '"service":"queuegate"' in shell(f"{ADMIN[0]} -sS")
    log = (tmp_path / "log").read_text()
    assert "401 unauthenticated" in log
    assert (tmp_path / "anna.key").read_text().strip() not in log
