import pytest

from bench.checks import GOALS, check
from bench.record import Row
from bench.suites import SUITES
from tests.bench.figures import row

_AGAINST = "nestjs"


def _check(*rows: Row) -> bool | None:
    (found,) = check("peers", rows, lambda goal: goal.lower == _AGAINST)
    return found.met


@pytest.mark.parametrize("ours, met", [(1600.0, True), (1590.0, False)])
def test_a_goal_is_met_from_its_bound_on(ours: float, met: bool) -> None:  # noqa: FBT001
    """1.6 times is met by 1.6 times and not by less."""
    assert _check(row("queuegate", rps=ours), row(_AGAINST, rps=1000.0)) is met


def test_the_median_round_decides() -> None:
    """One bad round out of three does not undo a goal."""
    ours = [row("queuegate", number, rps=rps) for number, rps in ((1, 1.0), (2, 2000), (3, 2000))]
    assert _check(*ours, *(row(_AGAINST, number) for number in (1, 2, 3))) is True


def test_what_could_not_be_measured_is_not_met() -> None:
    """A peer that did not start does not make a goal look reached."""
    assert _check(row("queuegate"), row(_AGAINST, problems=("did not start",))) is False


def test_another_number_of_connections_does_not_count() -> None:
    """The goal at 64 connections is not met by figures at 256."""
    assert (
        _check(row("queuegate", connections=256, rps=9e9), row(_AGAINST, connections=256)) is False
    )


def test_each_goal_names_systems_of_its_suite() -> None:
    """A goal whose system is spelled wrongly would never be checked."""
    for goal in GOALS:
        assert {goal.upper, goal.lower} <= set(SUITES[goal.suite](()).titles)
