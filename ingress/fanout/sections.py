"""What the route file says about several operations at once."""

from typing import Annotated, Final, Literal

from pydantic import Field

from ingress.routing.places import PlaceSection
from ingress.values import Name, OperationName, Section

PARTIAL: Final = "partial"
"""The member of a merged answer that tells what is missing in it."""


class BranchSection(PlaceSection):
    """One of the operations that are called at once."""

    operation: Annotated[OperationName, Field(description="What is called.")]


class FanOutSection(Section):
    """Calls several operations at once, and answers with a JSON object of their answers."""

    need: Annotated[
        Literal["all", "any", "best_effort"],
        Field(description="How many must succeed: all, at least one, or none."),
    ] = "all"
    branches: Annotated[
        dict[Name, BranchSection],
        Field(
            min_length=1,
            max_length=16,
            description="The operations, by the member that their answer becomes.",
            examples=[{"orders": {"operation": "orders.list"}}],
        ),
    ]
