"""Which lane a key belongs to: jump consistent hash (Lamping and Veach, 2014).

With one lane more, one key in n+1 moves, and only to the new lane.
"""

from hashlib import blake2b
from typing import Final

_MASK: Final = 2**64 - 1
# The multiplier of the paper's linear congruential generator.
_STEP: Final = 2862933555777941757


def digest(key: str) -> int:
    """Give 64 bits for a key, the same in every process."""
    data = key.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


def lane_of(key: str, lanes: int) -> int:
    """Give the number of the key's lane, from 0."""
    state, lane, jump = digest(key), -1, 0
    while jump < lanes:
        lane = jump
        state = (state * _STEP + 1) & _MASK
        jump = int((lane + 1) * (2**31 / ((state >> 33) + 1)))
    return lane
