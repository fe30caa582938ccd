import json

import pytest

from contracts.brokers.port import Message
from contracts.dead_letter import read
from contracts.deadline import now_ms
from ingress.cli import lettered, screen
from ingress.dlq import Order, Survey, Tally
from ingress.letters import Filter
from tests.ingress.graveyard import dead


def tally(**counts: int | str) -> Tally:
    """Make a tally with these counts."""
    made = Tally()
    for name, value in counts.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    "ago, told",
    [(0, "0s"), (59, "59s"), (60, "1m"), (7300, "2h"), (90_000, "1d")],
)
def test_an_age_is_short(ago: int, told: str) -> None:
    """An age has one number and one unit."""
    assert lettered.age(now_ms() - ago * 1000) == told


def test_nobody_knows_when() -> None:
    """A letter without a time has no age."""
    assert lettered.age(0) == "?"


@pytest.mark.parametrize(
    "counts, order, told",
    [
        ({}, Order(), "no dead letters in q"),
        (
            {"total": 3},
            Order(filter=Filter(reason="expired")),
            "none of the 3 dead letters of q fits reason=expired",
        ),
        (
            {"total": 3, "fitting": 2},
            Order(dry_run=True),
            "would have dropped 2 of the 3 dead letters of q",
        ),
        (
            {"total": 3, "fitting": 3, "done": 1, "failed": 1, "stopped": "broker_down"},
            Order(),
            "dropped 1 of the 3 dead letters of q, 1 failed and stay; stopped: broker_down",
        ),
    ],
)
def test_the_end_is_told_in_a_sentence(
    counts: dict[str, int | str], order: Order, told: str
) -> None:
    """What became of an order is one sentence, with all that is left to do."""
    assert lettered.summary("dropped", "q", order, tally(**counts)) == told


def test_a_survey_of_many_says_what_it_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    """A queue of which only a part was looked at says so."""
    one = Survey(queue="q", messages=9, looked=2, reasons={"expired": 2}, oldest=0, newest=0)
    lettered.surveys(screen.out(), [("q", one)])
    assert "expired 2 (of the first 2)" in capsys.readouterr().out


def test_a_letter_is_told_with_all_its_deaths(capsys: pytest.CaptureFixture[str]) -> None:
    """One letter is told with each death, its headers and its body, made harmless."""
    lettered.details(screen.out(), read(dead("\x1b[31m1", body=b'{"n": 7}')), 200)
    out = capsys.readouterr().out
    assert out.startswith("\\x1b[31m1\n")
    assert '{"n":7}' in out
    assert "0s ago in shop: worker_error: it failed" in out
    lettered.details(screen.out(), read(Message(body=b"x")), 200)
    assert "at an unknown time in ?: unknown" in capsys.readouterr().out


def test_json_is_one_document_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    """With JSON nothing is told on the way."""
    follow = lettered.Follow("dropped", as_json=True)
    counts = tally(total=1, fitting=1, done=1)
    with follow as on_step:
        on_step(counts, read(dead("1")), "", "")
    follow.conclude("q", Order(), counts)
    assert json.loads(capsys.readouterr().out)["done"] == 1
