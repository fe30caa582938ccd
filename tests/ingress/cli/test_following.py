import asyncio
import io

import pytest
from rich.console import Console

from ingress.cli import following
from ingress.replay.engine import Tally
from tests.harness.waiting import eventually


def tally() -> Tally:
    found = Tally(100)
    found.answered, found.failed, found.seconds = 40, 3, 2.0
    return found


@pytest.mark.parametrize("terminal", [True, False])
async def test_it_is_told_how_it_goes(
    terminal: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A terminal has a bar with rate and failures, a pipe a line now and then."""
    monkeypatch.setattr(following, "_LINE", 0.01)
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100)
    task = asyncio.create_task(following.follow(tally(), console, quiet=False))
    await eventually(lambda: "3 failed" in out.getvalue())
    task.cancel()
    await asyncio.wait([task])
    assert "20/s" in out.getvalue()


async def test_a_script_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where JSON is asked for and no terminal is there, nothing is written."""
    monkeypatch.setattr(following, "_LINE", 0.0)
    out = io.StringIO()
    await following.follow(tally(), Console(file=out), quiet=True)
    assert out.getvalue() == ""


def test_a_line_says_how_long_it_takes() -> None:
    """A line has the count, the rate, the failures and about what is left."""
    assert following.line(tally()) == "40 of 100, 20/s, 3 failed, about 3 s left"
