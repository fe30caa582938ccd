import re
from pathlib import Path

import pytest

from bench import hops


def test_the_floor_is_two_crossings_and_an_echo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It prints three times in milliseconds, the last made of the others, and keeps them."""
    assert hops.read(tmp_path) is None
    monkeypatch.setattr("sys.argv", ["bench.hops", "--seconds", "0.2", "--out", str(tmp_path)])
    assert hops.main() == 0
    printed = capsys.readouterr().out.splitlines()
    ping, crossing, floor = (float(re.findall(r"([\d.]+) ms", line)[0]) for line in printed)
    assert 0 < ping < crossing < floor
    assert floor == pytest.approx(ping + 2 * crossing, abs=0.002)
    kept = hops.read(tmp_path)
    assert kept is not None
    assert kept.call == pytest.approx(floor, abs=0.001)
