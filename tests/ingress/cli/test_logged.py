import io

import pytest
from rich.console import Console

from ingress.cli import logged
from ingress.journal import summing
from tests.ingress.journal.recorded import full, record


def plain() -> Console:
    return Console(file=io.StringIO(), highlight=False, soft_wrap=True)


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    "micros, text",
    [(0, "0.0ms"), (850, "0.8ms"), (12_400, "12ms"), (999_999, "999ms"), (2_350_000, "2.35s")],
)
def test_a_duration_is_short(micros: int, text: str) -> None:
    """As many digits as tell something."""
    assert logged.milliseconds(micros) == text


def test_nothing_talks_to_the_terminal() -> None:
    """Control characters in what clients sent are shown and not obeyed."""
    console = plain()
    evil = full(1, request_body=b"\x1b[31m", request_headers=(("x", "\x1b[2J"),))
    logged.table(console, [record(path="/\x1b[2J", id="\x07")])
    logged.line(console, record(path="/\x1b[2J"))
    logged.details(console, evil, 100)
    assert "\x1b" not in printed(console)
    assert "\x07" not in printed(console)


def test_details_say_what_is_missing() -> None:
    """A lower level, a cut, a redaction, a replay and a missing key are told."""
    console = plain()
    logged.details(console, record(replay_of="r-0", run="again"), 100)
    logged.details(console, record(content=b"x", key="k1"), 100)
    logged.details(console, record(level="full", cut=("request",), redacted=("query a",)), 100)
    for text in ("level metadata", "r-0 in run again", "key k1", "query a", "cut"):
        assert text in printed(console)


def test_stats_draw_how_fast_calls_were() -> None:
    """The picture has a step for each power of two, and the fullest is the highest."""
    console = plain()
    sums = summing.Summing()
    sums.add("GET /a", 200, "", [500] * 100 + [3000])
    sums.add("GET /b", 503, "busy", [9000])
    logged.stats(console, sums.results())
    lines = printed(console).splitlines()
    assert lines[1].endswith("█ ▁")
    assert "100.0%" in lines[2]
    assert "GET /b: busy 1" in printed(console)
