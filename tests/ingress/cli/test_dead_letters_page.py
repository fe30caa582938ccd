"""docs/dead-letters.md tells the truth: its walk, word for word, and its headers."""

import json
import re
import shlex
from pathlib import Path

import pytest

from contracts import dead_letter
from tests.harness.processes import ROOT
from tests.ingress.cli.conftest import Cli
from tests.ingress.cli.letter_queue import fill, ids
from tests.ingress.graveyard import dead

PAGE = (ROOT / "docs" / "dead-letters.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]


def test_the_walk_goes_as_written(
    cli: Cli, vhost_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every command of the walk ends well, and in the end nothing is left to do."""
    monkeypatch.setenv("BROKER_URL", vhost_url)
    fill(vhost_url, dead("garbage", "invalid_request"), dead("order-1"), dead("order-2"))
    said = []
    for line in COMMANDS:
        name, *words = shlex.split(line)
        assert name == "queuegate"
        told = cli(*words)
        assert told.code == 0, line
        said.append(told)
    assert "worker_error 2, invalid_request 1" in said[0].out
    assert len(said[1].out.splitlines()) == 4
    assert "ago in shop: worker_error" in said[3].out
    assert [one["id"] for one in json.loads(said[4].out)] == ["garbage", "order-1", "order-2"]
    assert "would have requeued 2 of the 3" in said[5].err
    assert said[7].out == "requeued order-2 -> shop\n"
    assert said[8].out == "dropped garbage\n"
    assert ids(vhost_url) == []
    assert ids(vhost_url, "shop") == ["order-1", "order-2"]
    assert len((tmp_path / "audit.jsonl").read_text().splitlines()) == 2


def test_each_header_is_on_the_page() -> None:
    """The page names every header that a dead letter has."""
    assert [name for name in dead_letter.HEADERS if f"`{name}`" not in PAGE] == []
    assert len(COMMANDS) == 10
