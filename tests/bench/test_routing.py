"""What many routes cost."""

import pytest

from bench import routing


def test_it_prints_what_a_lookup_and_a_compile_cost(capsys: pytest.CaptureFixture[str]) -> None:
    """For paths of each kind, against a single route."""
    assert routing.main(["--routes", "50", "--rounds", "2"]) in {0, 1}
    lines = capsys.readouterr().out.splitlines()
    assert [line[:22].strip() for line in lines[1:4]] == ["no parameter", "a parameter", "a kind"]
    assert lines[4].startswith("reading and compiling 50 routes: 0.0")
