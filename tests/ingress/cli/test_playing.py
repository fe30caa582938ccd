"""A run as a process: stopped, killed, and gone on with."""

import signal
from collections import Counter
from pathlib import Path

import pytest

from ingress.replay.runs import Runs, State
from tests.conftest import Queuegate
from tests.harness.processes import ROOT
from tests.harness.waiting import wait_until
from tests.ingress.cli.recorded_shop import call, record, shop

CALLS = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a route file, and a journal of many calls that change something."""
    (tmp_path / "gateway.yaml").write_text(
        "journal: {store: journal.db}\nroutes: [{route: POST /v1/orders, operation: shop.create}]\n"
    )
    posts = [call(number, "POST") for number in range(CALLS)]
    record(tmp_path / "journal.db", *posts)
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_goes_on_without_a_repeat(
    folder: Path, queuegate: Queuegate, number: signal.Signals
) -> None:
    """Ctrl-C waits for what is on the way; `resume` sends the rest, and nothing twice."""
    env = {"PYTHONPATH": str(ROOT)}
    with shop() as one:
        words = ("--to", one.url, "--unsafe", "--name", "a", "--rate", "100/s")
        child = queuegate("replay", "run", *words, env=env)
        wait_until(lambda: len(one.asked) > 5, 20, "some calls are sent")
        child.send(number)
        assert child.wait() == 130
        assert "go on with it by `queuegate replay resume a`" in child.output
        sent = len(one.asked)
        assert sent < CALLS
        assert queuegate("replay", "resume", "a", env=env).wait() == 0
        assert len(one.asked) == CALLS
        marks = Counter(headers["queuegate-replay"].split(";")[0] for headers in one.headers)
    assert marks == {f"a/r-{number}": 1 for number in range(CALLS)}


def test_a_killed_run_repeats_nothing_that_may_have_run(folder: Path, queuegate: Queuegate) -> None:
    """After kill -9 what was begun is told and not sent again, unless it is told to be."""
    env = {"PYTHONPATH": str(ROOT)}
    with shop() as one:
        one.delay.clear()
        words = ("--to", one.url, "--unsafe", "--name", "a", "--concurrency", "4")
        child = queuegate("replay", "run", *words, env=env)
        wait_until(lambda: len(one.asked) == 4, 20, "four calls are on the way")
        child.kill()
        one.delay.set()
        runs = Runs(folder / "replays.db")
        assert Counter(runs.states("a").values()) == {State.BEGUN: 4}
        resumed = queuegate("replay", "resume", "a", env=env)
        assert resumed.wait() == 1
        assert "4 were begun and may have run; they were not sent again" in resumed.output
        assert "--retry-unknown" in resumed.output
        assert len(one.asked) == CALLS
        assert queuegate("replay", "resume", "a", "--retry-unknown", env=env).wait() == 0
        assert len(one.asked) == CALLS + 4
        assert Counter(runs.states("a").values()) == {State.ANSWERED: CALLS}
        runs.close()


def test_a_second_ctrl_c_leaves_at_once(folder: Path, queuegate: Queuegate) -> None:
    """Who presses Ctrl-C twice does not wait for a server that is silent."""
    with shop() as one:
        one.delay.clear()
        words = ("--to", one.url, "--unsafe", "--name", "a")
        child = queuegate("replay", "run", *words, env={"PYTHONPATH": str(ROOT)})
        wait_until(lambda: len(one.asked) == 16, 20, "calls are on the way")
        child.send(signal.SIGINT)
        child.wait_for_output("once more to leave them")
        child.send(signal.SIGINT)
        assert child.wait(5) == 130
        assert "replay resume a" in child.output
