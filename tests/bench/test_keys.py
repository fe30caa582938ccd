"""What a key costs, and counting with it."""

import pytest

from bench import keys


def test_it_prints_what_a_key_costs(capsys: pytest.CaptureFixture[str]) -> None:
    """Alone and with a limit and a quota, each with its goal; together they cost more."""
    assert keys.main(["--times", "200"]) in {0, 1}
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" µs")[0].rsplit(None, 1)[0] for line in lines[:-1]] == list(
        keys.GOALS_MICROSECONDS
    )
    costs = [float(line.split(" µs")[0].rsplit(None, 1)[1]) for line in lines[:-1]]
    assert 0 < costs[0] < costs[1]


def test_it_prints_what_the_cost_is_made_of(capsys: pytest.CaptureFixture[str]) -> None:
    """Part by part, and their sum."""
    assert keys.main(["--parts", "--times", "100"]) == 0
    lines = capsys.readouterr().out.splitlines()
    costs = [float(line.removesuffix(" µs").rsplit(None, 1)[1]) for line in lines]
    assert lines[-1].startswith("together")
    assert abs(sum(costs[:-1]) - costs[-1]) < 0.05
    assert costs[-1] > 0
