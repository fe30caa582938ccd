"""A service that fails as often as it is asked to, to see retries and the breaker."""

import random
from typing import Annotated

import msgspec

from queuegate import Context, Service

service = Service("flaky")

Rate = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Luck(msgspec.Struct, frozen=True):
    """Which attempt it was that worked."""

    attempt: int


@service.operation
async def roll(ctx: Context, failure_rate: Rate = 0.5) -> Luck:
    """Fail with this probability, by an exception as a bug would raise it.

    It does not say whether it is idempotent, so the method decides: GET is tried again, POST is
    not.
    """
    if random.random() < failure_rate:  # noqa: S311 - luck, no secret
        raise RuntimeError("out of luck")
    return Luck(ctx.attempt)
