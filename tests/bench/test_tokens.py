"""What a token costs."""

import pytest

from bench import tokens


def test_it_prints_what_a_token_costs(capsys: pytest.CaptureFixture[str]) -> None:
    """Of each kind, seen before and new; a new one costs more."""
    assert tokens.main(["--times", "200"]) in {0, 1}
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines[1:-1]] == ["HS256", "RS256", "ES256", "EdDSA"]
    assert all(float(known) < float(new) for _, known, new in lines[1:-1])
