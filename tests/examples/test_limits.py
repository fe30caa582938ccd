"""The curl lines of docs/limits.md, word for word and in their order, against examples/limits."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ingress.limits.sections import LimitSection
from tests.examples.test_routing import Served, lines
from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import wait_until

FOLDER: Final = ROOT / "examples" / "limits"
PAGE: Final = ROOT / "docs" / "limits.md"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the sample routes with their service."""
    log: Path = tmp_path_factory.mktemp("limits") / "log"
    port, admin = free_port(), free_port()
    words = ("dev", "--no-reload", "--port", str(port), "--admin-port", str(admin))
    env = {"PYTHONPATH": str(ROOT), "BROKER_URL": "memory://"}
    with ChildProcess(queuegate_command(*words), log, env, FOLDER) as child:
        child.wait_for_output("serving echo.back")
        running = Served(port, admin)
        ready = "curl http://127.0.0.1:8001/readyz"
        wait_until(lambda: running.said(ready)[0] == "200", what="it is ready")
        yield running


def test_the_lines_of_the_page_answer_as_written(served: Served) -> None:
    """Status and text are as they stand behind each line."""
    found = lines("limits.md")
    assert len(found) >= 9
    for line, status, text in found:
        got, answer = served.said(line)
        assert (got, text in answer) == (status, True), f"{line}\n{answer}"


def test_the_page_tells_of_every_key() -> None:
    """Each key of a limit has its row in the page's table."""
    page = PAGE.read_text()
    for key in LimitSection.model_fields:
        assert f"`{key}" in page, key
