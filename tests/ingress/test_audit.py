import io
import json
from pathlib import Path

import pytest

from contracts import logs
from ingress.audit import Audit, os_user
from ingress.dlq import Order, Tally
from ingress.letters import Filter


def test_an_order_leaves_two_lines_in_the_log_and_in_the_file(tmp_path: Path) -> None:
    """Who, what, which queue, which letters; at the end how many: in the log, and in a file."""
    log, file = io.StringIO(), tmp_path / "audit.jsonl"
    logs.configure(format="json", stream=log)
    audit, order = Audit("ann", file), Order(filter=Filter(reason="expired"), to="other", limit=5)
    audit.begun("requeue", "shop.dead", order)
    tally = Tally(total=9)
    tally.done = 4
    audit.ended("requeue", "shop.dead", order, tally)
    logs.configure()
    begun, ended = (json.loads(line) for line in file.read_text().splitlines())
    assert (begun["event"], begun["who"], begun["filter"]) == ("begun", "ann", "reason=expired")
    assert (ended["event"], ended["done"], ended["to"]) == ("ended", 4, "other")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["msg"] for line in lines] == [
        "dead letters: requeue begun",
        "dead letters: requeue ended",
    ]
    assert (lines[1]["who"], lines[1]["done"], lines[1]["queue"]) == ("ann", 4, "shop.dead")


def test_a_file_that_cannot_be_written_is_told_before_anything_is_done(tmp_path: Path) -> None:
    """No order begins that could not be written down."""
    with pytest.raises(OSError, match="No such file"):
        Audit("ann", tmp_path / "nowhere" / "audit.jsonl")


def test_the_user_is_who_the_system_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user is named by the user id and not by the environment; behind sudo stands another."""
    monkeypatch.delenv("SUDO_USER", raising=False)
    before = os_user()
    monkeypatch.setenv("USER", "somebody-else")
    assert os_user() == before
    monkeypatch.setenv("SUDO_USER", "ann")
    assert os_user() == f"{before} (sudo by ann)"
