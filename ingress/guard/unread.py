"""Whether a client goes on to read what was written to it."""

from typing import Final

# Bytes that a client must read in the time that it has. Less would be a trick: what waits to be
# read waits in our memory.
_STEP: Final = 65_536


class Unread:
    """Watches what waits to be sent on one connection."""

    __slots__ = ("_since", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._since = 0.0

    def stuck(self, size: int, now: float, within: float) -> bool:
        """Say whether ``size`` bytes wait, and for ``within`` seconds nearly nothing was read."""
        if not size or not self._size or size <= self._size - _STEP:
            self._size, self._since = size, now
            return False
        return now - self._since > within

    def moved(self) -> None:
        """Note that the client has read most of what waited."""
        self._size = 0
