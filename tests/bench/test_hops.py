import re

import pytest

from bench import hops


def test_the_floor_is_two_crossings_and_an_echo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints three times in milliseconds, and the last is made of the others."""
    monkeypatch.setattr("sys.argv", ["bench.hops", "--seconds", "0.2"])
    assert hops.main() == 0
    printed = capsys.readouterr().out.splitlines()
    ping, crossing, floor = (float(re.findall(r"([\d.]+) ms", line)[0]) for line in printed)
    assert 0 < ping < crossing < floor
    assert floor == pytest.approx(ping + 2 * crossing, abs=0.002)
