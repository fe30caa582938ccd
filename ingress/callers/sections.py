"""The section of the file by which calls say who makes them, signed."""

from typing import Annotated, Literal

from pydantic import Field

from ingress.values import Duration, Section


class CallersSection(Section):
    """Signs into each message who calls, so that workers need not trust whoever can publish."""

    keys: Annotated[
        str,
        Field(
            min_length=1,
            max_length=65_536,
            description=(
                "A JSON Web Key Set from the environment, or `file:PATH`, relative to this file."
                " The first key signs."
            ),
            examples=["file:caller-keys.json"],
        ),
    ]
    covers: Annotated[
        Literal["call", "caller"],
        Field(description="Whether each call is signed, or, cheaper, a caller on a route."),
    ] = "call"
    ttl: Annotated[
        Duration,
        Field(ge=1, le=3600, description="How long a statement about a caller is used again."),
    ] = 10.0
    accepted_for: Annotated[
        Duration,
        Field(ge=60, description="How long accepted work may wait: it has no deadline."),
    ] = 604_800.0
