"""Which differences are noise: they are there as often between two runs of the old version.

Timestamps, generated ids and random choices differ from one answer to the next without anybody
having changed a thing. Twitter's Diffy replays against the old version twice: what its two answers
differ in, at one place of one route, is noise there, and a finding is what differs clearly more
often against the new version. The bounds are Diffy's own (``threshold.relative`` 20 %,
``threshold.absolute`` 0.03 %).
"""

from typing import Final

RELATIVE: Final = 0.20
"""A finding is this much above the noise: |raw - noise| / (raw + noise)."""

ABSOLUTE: Final = 0.0003
"""And in this share of all answers of its route: |raw - noise| / total."""


def is_noise(raw: int, noise: int, total: int) -> bool:
    """Tell whether ``raw`` differences are noise, ``noise`` being those of the old with itself.

    ``total`` is how many answers of the route were compared. Where the old version never differs
    from itself nothing is noise, however rare it is.
    """
    if not noise:
        return False
    above = raw - noise
    return above <= 0 or above / (raw + noise) <= RELATIVE or above / total <= ABSOLUTE
