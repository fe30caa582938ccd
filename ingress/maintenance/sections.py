"""What the route file says about maintenance."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from ingress import complaints
from ingress.values import Duration, Section


class MaintenanceSection(Section):
    """Answers 503 instead of calling anybody."""

    retry_after: Annotated[
        Duration, Field(ge=1, le=604_800, description="When clients should come again.")
    ] = 60.0
    detail: Annotated[
        str, Field(max_length=1000, description="What clients are told.", examples=["back at six"])
    ] = ""


def _on_or_off(value: object) -> str:
    return complaints.OFF if value == "off" else complaints.ON


Maintenance = Annotated[
    Annotated[
        Annotated[MaintenanceSection, Tag(complaints.ON)]
        | Annotated[Literal["off"], Tag(complaints.OFF)],
        Discriminator(_on_or_off),
    ],
    Field(description="Answering 503 with Retry-After; `off` serves. Also on the admin port."),
]
