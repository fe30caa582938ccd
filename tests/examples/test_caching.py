"""The curl lines of docs/caching.md, word for word and in their order, against examples/caching."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.examples.test_routing import Served, lines
from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import wait_until

FOLDER: Final = ROOT / "examples" / "caching"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the sample routes with their service."""
    log: Path = tmp_path_factory.mktemp("caching") / "log"
    port, admin = free_port(), free_port()
    words = ("dev", "--no-reload", "--port", str(port), "--admin-port", str(admin))
    env = {"PYTHONPATH": str(ROOT), "BROKER_URL": "memory://"}
    with ChildProcess(queuegate_command(*words), log, env, FOLDER) as child:
        child.wait_for_output("serving on")
        running = Served(port, admin)
        ready = "curl http://127.0.0.1:8001/readyz"
        wait_until(lambda: running.said(ready)[0] == "200", what="it is ready")
        yield running


def test_the_lines_of_the_page_answer_as_written(served: Served) -> None:
    """Status and text are as they stand behind each line."""
    found = lines("caching.md")
    assert len(found) > 20
    for line, status, text in found:
        got, answer = served.said(line)
        assert (got, text in answer) == (status, True), f"{line}\n{answer}"
