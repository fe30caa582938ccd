"""The pages about validation and transformation, and the route file that they talk of."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingress import routefile
from ingress.compile import compile_plans
from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess, queuegate_command

FOLDER = ROOT / "examples" / "shape"
PAGES = ("validation.md",)
CURLS = [
    (page.partition(".")[0], line, status)
    for page in PAGES
    for line, status in re.findall(
        r"^(curl .*?) +# (\d{3})$", (ROOT / "docs" / page).read_text(), re.MULTILINE
    )
]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The public port of a `queuegate dev` in the folder of the example."""
    chosen, log = free_port(), tmp_path_factory.mktemp("shape") / "log"
    words = ("--no-reload", "--port", str(chosen), "--admin-port", str(free_port()))
    env = {"PYTHONPATH": str(ROOT), "BROKER_URL": "memory://"}
    with ChildProcess(queuegate_command("dev", *words), log, env, FOLDER) as child:
        child.wait_for_output("serving goods")
        yield chosen


def curl(port: int, line: str, *more: str) -> str:
    words = shlex.split(line.replace("127.0.0.1:8000", f"127.0.0.1:{port}"))
    ended = subprocess.run([*words, "-sS", *more], capture_output=True, check=True, cwd=FOLDER)
    return ended.stdout.decode(errors="replace")


@pytest.mark.parametrize("page, line, status", CURLS, ids=[f"{p}-{s}" for p, _, s in CURLS])
def test_a_curl_line_answers_as_written(port: int, page: str, line: str, status: str) -> None:
    """A line of the page gets the status that stands beside it."""
    assert curl(port, line, "-o", "/dev/null", "-w", "%{http_code}") == status


def test_all_errors_are_told_at_once(port: int) -> None:
    """As the page shows it."""
    body = json.dumps({"sku": "tea", "price": 0, "colour": "green"})
    line = f"curl http://127.0.0.1:8000/goods -H 'content-type: application/json' -d '{body}'"
    problem = json.loads(curl(port, line))
    assert (problem["status"], problem["code"]) == (422, "invalid_body")
    assert problem["errors"] == [
        {"pointer": "/price", "detail": "is less than the minimum of 1", "keyword": "minimum"},
        {"pointer": "/colour", "detail": "is not known here", "keyword": "additionalProperties"},
    ]


def test_off_costs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A route that asks for none of it has none of it in its Plan."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    plans = compile_plans(routefile.load(FOLDER / "gateway.yaml"))
    assert all(plan.policies for plan in plans)
    bare = routefile.parse(b"routes: [{route: GET /a, operation: a.b}]", environment={})
    assert compile_plans(bare)[0].policies == ()
