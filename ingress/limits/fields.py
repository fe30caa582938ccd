"""What an answer tells of limits: RateLimit, RateLimit-Policy, Retry-After.

draft-ietf-httpapi-ratelimit-headers-11 (May 2026).
"""

from collections.abc import Sequence

from ingress.limits.limit import Limit, Standing


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
