"""What an answer tells of limits: RateLimit, RateLimit-Policy, Retry-After.

draft-ietf-httpapi-ratelimit-headers-11 (May 2026).
"""

from collections.abc import Sequence

from ingress.fields import from_gateway
from ingress.limits.limit import Limit, Standing


def head(limits: Sequence[Limit]) -> bytes:
    """Write RateLimit-Policy as a line of a header section, and begin RateLimit behind it.

    Names of limits are plain; ``ValueError`` for one that cannot stand there.
    """
    line = from_gateway((("ratelimit-policy", policy(limits)),))
    if line is None:
        raise ValueError(f"{policy(limits)!r} cannot stand in a header field")
    return line + b"ratelimit: "


def template(limits: Sequence[Limit]) -> bytes:
    """Prepare both lines for windows alone: ``template % (left, seconds, left, seconds)``."""
    windows = [window for limit in limits for window, _ in limit.cells]
    items = ", ".join(f"{window.told}%d;t=%d" for window in windows)
    return head(limits) + items.encode() + b"\r\n"


def standing(standings: Sequence[Standing]) -> str:
    """Write the value of RateLimit (section 4): what is left, and for how many seconds."""
    items = []
    for one, left, reset in standings:
        if reset:
            # A second that has begun counts, but not the millisecond beyond the window's length.
            seconds = (reset + 999) // 1000
            if seconds > one.seconds > 0:
                seconds = one.seconds
            items.append(f"{one.told}{left};t={seconds}")
        else:
            items.append(f"{one.told}{left}")
    return ", ".join(items)


def policy(limits: Sequence[Limit]) -> str:
    """Write the value of RateLimit-Policy (section 3): what is allowed."""
    return ", ".join(limit.policy for limit in limits)


def retry_after(refused: Sequence[Standing]) -> int:
    """Give the seconds after which it is worth to come again: when all that refused have more.

    Not before the end of any effective window that the same answer tells of (section 6).
    """
    return max(1, *(-(-reset // 1000) for _, _, reset in refused))
