from pathlib import Path

import pytest

from ingress.compare.answer import Answer
from ingress.replay.ledger import KEPT, Ledger
from ingress.replay.runs import Runs, RunsError, State
from ingress.replay.sinks.port import Sent
from tests.harness.waiting import eventually
from tests.ingress.replay.playback import item


class CountingRuns(Runs):
    """Counts its transactions, and fails when told to."""

    writes = 0
    broken = False

    def write(self, run: str, sends: object) -> None:
        if self.broken:
            raise RunsError("the disk is full")
        self.writes += 1
        super().write(run, sends)  # type: ignore[arg-type]


@pytest.fixture
def runs(tmp_path: Path) -> CountingRuns:
    """A file of runs."""
    return CountingRuns(tmp_path / "runs")


def test_what_begins_is_written_before_it_is_sent(runs: CountingRuns) -> None:
    """When ``begin`` returns the calls are in the file; they share a transaction."""
    ledger = Ledger(runs, "a")
    ledger.begin(map(item, range(9)))
    assert set(runs.states("a").values()) == {State.BEGUN}
    assert (len(runs.states("a")), runs.writes) == (9, 1)


async def test_what_ended_is_written_soon(runs: CountingRuns) -> None:
    """An answer, a silence and a call that never left are told apart in the file."""
    ledger = Ledger(runs, "a")
    ledger.end(item(1), Sent(Answer(status=500), "new"))
    ledger.end(item(2), Sent(Answer(error="lost")))
    ledger.end(item(3), Sent(Answer(error="refused"), left=False))
    assert runs.states("a") == {}
    await eventually(lambda: len(runs.states("a")) == 3)
    assert list(runs.states("a").values()) == [State.ANSWERED, State.UNKNOWN, State.UNSENT]
    first = runs.one("a", "p-1")
    assert first is not None
    assert (first.id, first.after.status, first.before.status) == ("new", 500, 200)


async def test_closing_writes_the_rest(runs: CountingRuns) -> None:
    """Nothing that ended is forgotten at the end, and large bodies are kept in part."""
    ledger = Ledger(runs, "a")
    ledger.end(item(1), Sent(Answer(status=200, body=b"x" * (KEPT + 1))))
    ledger.close()
    kept = runs.one("a", "p-1")
    assert kept is not None
    assert (len(kept.after.body), kept.after.cut) == (KEPT, True)


def test_what_cannot_be_written_is_not_sent(runs: CountingRuns) -> None:
    """A file that refuses makes ``begin`` raise, so that the call is never sent."""
    ledger = Ledger(runs, "a")
    runs.broken = True
    with pytest.raises(RunsError, match="full"):
        ledger.begin([item(1)])
