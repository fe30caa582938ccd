"""The shell lines of docs/tokens.md, word for word and in their order, against examples/tokens."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command

FOLDER: Final = ROOT / "examples" / "tokens"
PAGE: Final = ROOT / "docs" / "tokens.md"
BLOCKS: Final = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXPECTED: Final = re.compile(r"^curl .*# (\d{3}) (.*)$", re.MULTILINE)
# Each answer on one line: its status, then what it says.
CURL: Final = (
    """curl() { command curl -s --max-time 10 -w ' %{http_code}' "$@" | tr -d '\\n'; echo; }\n"""
)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve the sample routes with their service."""
    log: Path = tmp_path_factory.mktemp("tokens") / "log"
    one, admin = free_port(), free_port()
    words = ("dev", "--no-reload", "--port", str(one), "--admin-port", str(admin))
    env = {"PYTHONPATH": str(ROOT), "BROKER_URL": "memory://"}
    with ChildProcess(queuegate_command(*words), log, env, FOLDER) as child:
        child.wait_for_output("serving on")
        yield one


def test_the_lines_of_the_page_answer_as_written(port: int) -> None:
    """Status and text are as they stand behind each line, run by a shell as a reader would."""
    first, *blocks = BLOCKS.findall(PAGE.read_text())
    assert "queuegate dev" in first
    script = "".join(blocks)
    expected = EXPECTED.findall(script)
    assert len(expected) > 10
    ran = subprocess.run(
        ["bash", "-eu", "-c", CURL + script.replace("127.0.0.1:8000", f"127.0.0.1:{port}")],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    answers = ran.stdout.splitlines()
    assert len(answers) == len(expected)
    for answer, (status, text) in zip(answers, expected, strict=True):
        assert (answer[-3:], text in answer) == (status, True), f"{text}\n{answer}"
