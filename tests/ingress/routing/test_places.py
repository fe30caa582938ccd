"""Another place for a route's calls."""

from ingress.routing.places import PlaceSection


def test_a_place_may_leave_everything_out() -> None:
    """What is left out is as for the route."""
    assert all(value is None for _, value in PlaceSection())
