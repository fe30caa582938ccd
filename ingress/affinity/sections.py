"""What the route file says about calls that belong together."""

from typing import Annotated

from pydantic import Field, Strict

from ingress.values import Section
from ingress.variants.sections import KeySource


class AffinitySection(Section):
    """Sends all calls of one key to one consumer, in their order."""

    by: Annotated[
        tuple[KeySource, ...],
        Strict(strict=False),
        Field(
            min_length=1,
            max_length=8,
            description="What belongs together: the first of these that a call has.",
            examples=[["path:id"]],
        ),
    ]
    lanes: Annotated[
        int | None,
        Field(
            ge=1,
            le=256,
            description="How many queues there are, NAME.0 and on: as many as the service has.",
            examples=[8],
        ),
    ] = None
