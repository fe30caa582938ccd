"""How consumers look, and what is asked of them."""

import pytest

from ingress.cli import known


def test_an_order_has_what_was_said() -> None:
    """An empty word takes all away."""
    assert known.order(groups=["", ""], roles=None, plan="", disabled=False) == {
        "groups": [],
        "plan": "",
        "disabled": False,
    }


def test_nothing_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Not on stdout, where a script reads."""
    known.keys([], as_json=False)
    assert capsys.readouterr() == ("", "none\n")
    known.keys([], as_json=True)
    assert capsys.readouterr().out == "[]\n"


def test_what_others_wrote_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """A description may come from anywhere."""
    plan = {"name": "gold", "description": "\x1b[2Jgone"}
    known.one(plan, as_json=False)
    assert "\x1b" not in capsys.readouterr().out
