import io

from rich.console import Console

from ingress.cli import played
from ingress.compare.answer import Answer
from ingress.replay.engine import Tally
from ingress.replay.item import REASONS
from ingress.replay.runs import Run, Send, State
from ingress.replay.survey import Survey
from tests.ingress.replay.playback import item


def printed() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=200, soft_wrap=True), out


def test_a_survey_says_what_would_be_sent_and_what_to_do() -> None:
    """Each reason against a call comes with the words that let it pass."""
    found = Survey()
    for number, reason in enumerate(REASONS):
        found.add(item(number, route=f"GET /{number}", reasons=(reason,)))
    for number in range(30):
        found.add(item(number, route=f"GET /r{number}"))
    found.replayed["old"] = 7
    console, out = printed()
    played.survey(console, found, "http://x")
    text = out.getvalue()
    assert "30 of 35 calls would be sent to http://x" in text
    assert "7 were sent there before, by run old" in text
    assert "and 15 more" in text
    for words in ("--unsafe", "--allow metadata", "--allow cut", "--set-header", "journal.keys"):
        assert words in text


def test_a_tally_says_what_became_of_it() -> None:
    """Counts, times, statuses, errors, what may have run and why it stopped are told."""
    found = Tally(9)
    found.answered, found.failed, found.unknown, found.before = 4, 2, 1, 1
    found.statuses.update({200: 3, 503: 1})
    found.errors["the connection was lost\x1b"] = 1
    found.stopped = "interrupted"
    console, out = printed()
    played.tally(console, found, "mend", "http://x")
    text = out.getvalue()
    assert "run mend: 4 answered, 2 failed, 1 in an earlier part (http://x)" in text
    assert "statuses: 200 3, 503 1" in text
    assert "1 without an answer: the connection was lost\\x1b" in text
    assert "1 were begun and may have run" in text
    assert "stopped: interrupted" in text


def test_calls_and_runs_are_plain_values_for_scripts() -> None:
    """JSON has a run with its states, and a call without its bodies."""
    run = Run(run="a", started=1, source="journal", target="x", total=2)
    assert played.document(run, {State.UNKNOWN: 1})["states"] == {"unknown": 1}
    send = Send(
        place="p",
        original="r-1",
        state=State.ANSWERED,
        before=Answer(status=200),
        after=Answer(status=503, code="busy", body=b"secret"),
    )
    told = played.call_document(send)
    assert (told["status"], told["code"], told["state"]) == ([200, 503], "busy", "answered")
    assert "secret" not in repr(told)
    assert played.has_failed(send)
