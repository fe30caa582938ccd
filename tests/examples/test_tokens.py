"""The shell lines of docs/tokens.md, word for word and in their order, against examples/tokens."""

import re
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest

from tests.harness.development import Development, development
from tests.harness.processes import ROOT

FOLDER: Final = ROOT / "examples" / "tokens"
PAGE: Final = ROOT / "docs" / "tokens.md"
BLOCKS: Final = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXPECTED: Final = re.compile(r"^curl .*# (\d{3}) (.*)$", re.MULTILINE)
# Each answer on one line: its status, then what it says.
CURL: Final = (
    """curl() { command curl -s --max-time 10 -w ' %{http_code}' "$@" | tr -d '\\n'; echo; }\n"""
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Development]:
    """Serve the sample routes with their service."""
    with development(FOLDER, tmp_path_factory.mktemp("tokens") / "log") as running:
        yield running


def test_the_lines_of_the_page_answer_as_written(served: Development) -> None:
    """Status and text are as they stand behind each line, run by a shell as a reader would."""
    first, *blocks = BLOCKS.findall(PAGE.read_text())
    assert "queuegate dev" in first
    script = "".join(blocks)
    expected = EXPECTED.findall(script)
    assert len(expected) > 10
    ran = subprocess.run(
        ["bash", "-eu", "-c", CURL + served.here(script)],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    answers = ran.stdout.splitlines()
    assert len(answers) == len(expected)
    for answer, (status, text) in zip(answers, expected, strict=True):
        assert (answer[-3:], text in answer) == (status, True), f"{text}\n{answer}"
