"""Another place for a route's calls than its own: an operation, a queue or an exchange."""

from typing import Annotated

from pydantic import Field

from ingress.values import OperationName, Section, Short


class PlaceSection(Section):
    """Where calls go; what is left out is as for the route."""

    operation: Annotated[
        OperationName | None,
        Field(description="What is called instead.", examples=["orders.create_v2"]),
    ] = None
    queue: Annotated[
        Short | None, Field(description="Another queue.", examples=["orders.next"])
    ] = None
    exchange: Annotated[
        Short | None, Field(description="An exchange instead of a queue.", examples=["bus"])
    ] = None
    routing_key: Annotated[
        Short | None,
        Field(description="The key for the exchange; else the operation's name.", examples=["k"]),
    ] = None
