"""What the route file says about copies of a route's calls."""

from typing import Annotated

from pydantic import Field

from ingress.routing.places import PlaceSection
from ingress.values import Share


class MirrorSection(PlaceSection):
    """A place that gets copies of the calls that were sent, and is not waited for."""

    share: Annotated[
        Share, Field(gt=0, description="The share of the calls that is copied, by chance.")
    ] = 1.0
    at_most: Annotated[
        int,
        Field(
            ge=1,
            le=100_000,
            description="Copies that the broker has not confirmed yet; more are dropped.",
        ),
    ] = 1000
