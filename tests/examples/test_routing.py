"""The curl lines of docs/routing.md, word for word, against examples/routing."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest

from tests.harness.development import Development, development, lines
from tests.harness.processes import ROOT, queuegate_command
from tests.harness.waiting import wait_until

FOLDER: Final = ROOT / "examples" / "routing"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Development]:
    """The sample routes with their service, in one process."""
    with development(FOLDER, tmp_path_factory.mktemp("routing") / "log") as running:
        yield running


@pytest.mark.parametrize("page", ["routing.md", "versions.md"])
def test_a_curl_line_answers_as_written(served: Development, page: str) -> None:
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
