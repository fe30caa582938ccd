from pathlib import Path

import pytest

from ingress.compare.answer import Answer
from ingress.compare.rules import Rules
from ingress.replay.pairs import of_runs, with_recorded
from ingress.replay.runs import Run, Runs, RunsError, Send, State

JSON = (("content-type", "application/json"),)


def answer(body: str) -> Answer:
    return Answer(status=200, headers=JSON, body=body.encode())


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """A file of runs."""
    return Runs(tmp_path / "runs")


def play(runs: Runs, name: str, *bodies: str, before: str = '{"a":1,"at":0}') -> None:
    """Write down a run that got these answers."""
    runs.begin(Run(run=name, started=1, source="", target="x", total=len(bodies)))
    sends = [
        Send(
            place=f"p-{number}",
            original=f"r-{number}",
            state=State.ANSWERED,
            route="GET /a",
            what="GET /a",
            before=answer(before),
            after=answer(body),
        )
        for number, body in enumerate(bodies)
    ]
    runs.write(name, sends)


def test_a_run_is_compared_with_what_was_recorded(runs: Runs) -> None:
    """Each answer is held against that of its original."""
    play(runs, "a", '{"a":1,"at":0}', '{"a":2,"at":0}')
    report = with_recorded(runs, "a", Rules())
    assert [(one.path, one.count) for one in report.findings] == [("$.a", 1)]
    assert (report.left, report.right, report.pairs) == ("recorded", "a (x)", 2)


def test_noise_is_what_the_recorded_version_differs_in(runs: Runs) -> None:
    """A replay against the version that was recorded tells which places are noise."""
    play(runs, "old", '{"a":1,"at":1}', '{"a":1,"at":2}')
    play(runs, "new", '{"a":1,"at":3}', '{"a":2,"at":4}')
    assert len(with_recorded(runs, "new", Rules()).findings) == 2
    report = with_recorded(runs, "new", Rules(), noise="old")
    assert [one.path for one in report.findings] == ["$.a"]
    assert [one.path for one in report.noise] == ["$.at"]


def test_two_runs_are_compared_with_each_other(runs: Runs) -> None:
    """Answers to the same record are a pair; what only one run has sent has no partner."""
    play(runs, "old", '{"a":1,"at":1}', '{"a":1,"at":2}')
    play(runs, "old2", '{"a":1,"at":3}', '{"a":1,"at":4}')
    play(runs, "new", '{"a":1,"at":5}', '{"a":2,"at":6}', '{"a":1,"at":7}')
    report = of_runs(runs, "old", "new", Rules(), noise="old2")
    assert [(one.path, one.count) for one in report.findings] == [("$.a", 1)]
    assert (report.pairs, report.unmatched) == (2, 1)
    assert of_runs(runs, "new", "old", Rules()).unmatched == 1


def test_what_has_no_recorded_answer_has_no_partner(runs: Runs) -> None:
    """Dead letters were never answered."""
    runs.begin(Run(run="a", started=1, source="", target="x", total=1))
    send = Send(place="p", original="r", state=State.ANSWERED, after=answer("{}"))
    runs.write("a", [send])
    assert with_recorded(runs, "a", Rules()).unmatched == 1


def test_a_run_that_is_not_there_is_told(runs: Runs) -> None:
    """Each name is looked up."""
    play(runs, "a", "{}")
    for names in (("a", "b"), ("b", "a")):
        with pytest.raises(RunsError, match="no run 'b'"):
            of_runs(runs, *names, Rules())
    with pytest.raises(RunsError, match="no run 'b'"):
        of_runs(runs, "a", "a", Rules(), noise="b")
    with pytest.raises(RunsError, match="no run 'b'"):
        with_recorded(runs, "a", Rules(), noise="b")
