"""``queuegate transform``."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.ingress.cli.conftest import Cli, Told

FILE = """\
routes:
  - route: POST /a/{id}
    operation: a.b
    transform:
      request: {body: "{id: params.id, n: length(body), x: headers.x}"}
      reply: {body: "{data: body}"}
  - {route: GET /a, operation: a.b}
"""


@pytest.fixture
def run(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run it with a body on stdin."""
    (tmp_path / "gateway.yaml").write_text(FILE)

    def run_with(body: bytes, *words: str) -> Told:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(body)))
        return cli("transform", *words)

    return run_with


def test_a_body_is_shown_before_and_after(run: Cli) -> None:
    """For people, and as JSON for scripts."""
    words = ("-r", "POST /a/{id}", "--path", "id=7", "-H", "X: y")
    told = run(b"[1, 2]", *words)
    assert told.code == 0
    assert told.out.startswith("before\n")
    assert '"n": 2' in told.out.partition("\nafter\n")[2]
    after = json.loads(run(b"[1, 2]", *words, "--json").out)["after"]
    assert after["body"] == {"id": "7", "n": 2, "x": "y"}


def test_a_reply_is_shown_too(run: Cli) -> None:
    """With --reply the body is the worker's."""
    told = run(b"[1]", "-r", "POST /a/1", "--reply", "--json")
    assert json.loads(told.out)["after"]["body"] == {"data": [1]}


def test_what_a_client_would_be_refused_is_exit_1(run: Cli) -> None:
    """With the problem that it would get."""
    told = run(b"5", "-r", "POST /a/1", "--json")
    assert told.code == 1
    assert json.loads(told.out)["fault"]["code"] == "invalid_request"


def test_bad_usage_is_told(run: Cli) -> None:
    """A route that is not there, one with nothing to try, a header that is none."""
    assert run(b"", "-r", "POST /nowhere").code == 2
    assert run(b"", "-r", "GET /a").code == 1
    assert run(b"", "-r", "POST /a/1", "-H", "nonsense").code == 2
