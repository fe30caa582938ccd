"""What the route file says about maintenance."""

from typing import Annotated

from pydantic import Field

from ingress.branches import Switchable
from ingress.values import Duration, Section


class MaintenanceSection(Section):
    """Answers 503 instead of calling anybody."""

    retry_after: Annotated[
        Duration, Field(ge=1, le=604_800, description="When clients should come again.")
    ] = 60.0
    detail: Annotated[
        str, Field(max_length=1000, description="What clients are told.", examples=["back at six"])
    ] = ""


Maintenance = Annotated[
    Switchable[MaintenanceSection],
    Field(description="Answering 503 with Retry-After; `off` serves. Also on the admin port."),
]
