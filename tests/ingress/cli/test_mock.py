"""``queuegate mock``, as a shell calls it."""

import json
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Queuegate
from tests.harness.ports import free_port
from tests.harness.processes import ROOT
from tests.ingress.cli.conftest import Cli
from tests.ingress.cli.recorded_shop import call, record


def get(url: str) -> tuple[int, Any]:
    """Ask, and give status and JSON."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.parametrize("source", ["journal", "har"])
def test_a_front_end_runs_without_the_workers(
    tmp_path: Path, queuegate: Queuegate, source: str
) -> None:
    """Recorded answers are served from a journal or a HAR file, until Ctrl-C."""
    record(tmp_path / "journal.db", *map(call, range(3)))
    entry = {
        "startedDateTime": "2025-11-24T16:00:00Z",
        "time": 1,
        "request": {"method": "GET", "url": "https://x/v1/orders/2", "headers": []},
        "response": {"status": 200, "headers": [], "content": {"text": '{"path": "har"}'}},
    }
    (tmp_path / "a.har").write_text(json.dumps({"log": {"entries": [entry]}}))
    words = ("--journal", "journal.db") if source == "journal" else ("--from", "a.har")
    port = free_port()
    env = {"PYTHONPATH": str(ROOT)}
    child = queuegate("mock", *words, "--port", str(port), "--latency", "1ms", env=env)
    child.wait_for_output("mocking")
    status, told = get(f"http://127.0.0.1:{port}/v1/orders/2")
    assert (status, told["path"]) == (200, "har" if source == "har" else "/v1/orders/2")
    status, told = get(f"http://127.0.0.1:{port}/v1/orders/77")
    assert (status, told["code"]) == (404, "not_found")
    assert told["nearest"].startswith("GET /v1/orders/")
    child.send(signal.SIGINT)
    assert child.wait() == 0


def test_nothing_to_serve_is_told(cli: Cli, tmp_path: Path) -> None:
    """An empty result is exit code 3, a missing file and a wrong filter are 2."""
    record(tmp_path / "journal.db", call(1))
    for words, code, said in (
        ("--journal journal.db --id nobody", 3, "nothing to serve: no record fits"),
        ("--from no.har", 2, "there is no file"),
        ("--journal no.db", 2, "there is no journal at"),
        ("--journal journal.db --since soon", 2, "a moment is written"),
        ("--journal journal.db --latency 5", 2, "or `recorded`"),
    ):
        told = cli("mock", *words.split())
        assert told.code == code, told
        assert said in " ".join(told.err.replace("│", " ").split())
