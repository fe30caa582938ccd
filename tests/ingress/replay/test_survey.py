from pathlib import Path

import pytest

from ingress.replay import survey as module
from ingress.replay.runs import Run, Runs, Send, State
from ingress.replay.survey import survey, without_replayed
from tests.ingress.replay.playback import item

ITEMS = [
    item(5),
    item(1, method="POST", route="POST /orders", reasons=("unsafe", "cut")),
    item(2, method="POST", route="POST /orders"),
]


def test_a_survey_counts_what_would_be_sent() -> None:
    """All, what may be sent, what changes something, routes, reasons and the span are told."""
    told = survey(ITEMS, None, "x")[0].as_dict()
    assert (told["total"], told["sendable"], told["unsafe"]) == (3, 2, 2)
    assert told["routes"] == {"POST /orders": 2, "GET /orders/{id}": 1}
    assert told["refused"] == {"unsafe": 1, "cut": 1}
    assert told["last"] - told["first"] == 4


def test_what_was_replayed_to_the_target_is_told(tmp_path: Path) -> None:
    """What another run has sent there is counted by run, and can be left out."""
    runs = Runs(tmp_path / "runs")
    runs.begin(Run(run="old", started=1, source="", target="x", total=1))
    sent = Send(place="h-1", original="r-5", started=ITEMS[0].started, state=State.ANSWERED)
    runs.write("old", [sent])
    assert survey(ITEMS, runs, "x")[0].replayed == {"old": 1}
    assert survey(ITEMS, runs, "y")[0].replayed == {}
    left = [one.original for one in without_replayed(ITEMS, runs, "x", "new")]
    assert left == ["r-1", "r-2"]
    assert len(list(without_replayed(ITEMS, runs, "x", "old"))) == 3


def test_a_small_run_is_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The items of a small run are given back, of a large one none: it is read again."""
    assert survey(ITEMS, None, "x")[1] == ITEMS
    monkeypatch.setattr(module, "KEPT", 4000)
    assert survey(ITEMS, None, "x")[1] == []
