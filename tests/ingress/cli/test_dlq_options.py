import pytest
import typer

from ingress.cli.dlq_options import duration


def test_times_have_a_unit() -> None:
    """A time is read with its unit, and refused without one."""
    assert duration("15m") == 900
    with pytest.raises(typer.BadParameter, match="a duration is written as"):
        duration("15")
