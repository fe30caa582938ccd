"""The bounds of a connection."""

from ingress.guard.limits import USUAL, Limits


def test_the_usual_limits_are_those_that_nobody_changed() -> None:
    """A connection without settings is bounded all the same."""
    assert Limits() == USUAL
    assert all(getattr(USUAL, name) > 0 for name in USUAL.__struct_fields__)
