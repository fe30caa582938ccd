"""The AMQP headers that a call has in both of our dialects, read in one go.

As in ``record``: msgspec only says yes or no, and what it does not take is
looked at field by field, to say what is wrong with it.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from contracts.dialects import fields

NotNegative = Annotated[int, msgspec.Meta(ge=0)]


class CallHeaders(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={
        "deadline": "x-deadline",
        "attempt": "x-attempt",
        "route": "x-route",
        "replay": "x-replay",
        "mirror": "x-mirror",
    },
):
    """What docs/wire.md says of them; the operation is the dialect's to read."""

    deadline: NotNegative = 0
    attempt: NotNegative = 1
    route: str = ""
    traceparent: str = ""
    tracestate: str = ""
    replay: str = ""
    mirror: str = ""


def read_headers(headers: Mapping[str, Any]) -> CallHeaders:
    """Read them; raises ``Malformed`` for one that is not what it should be."""
    try:
        return msgspec.convert(headers, CallHeaders)
    except msgspec.ValidationError:
        return CallHeaders(
            deadline=fields.number(headers, "x-deadline"),
            attempt=fields.number(headers, "x-attempt", 1),
            route=fields.text(headers, "x-route"),
            traceparent=fields.text(headers, "traceparent"),
            tracestate=fields.text(headers, "tracestate"),
            replay=fields.text(headers, "x-replay"),
            mirror=fields.text(headers, "x-mirror"),
        )
