"""When the next call is due: as it came once, faster or slower, at a fixed rate, or at once."""

import re
from typing import Final, Protocol

_RATE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?:/(s|m|h))?")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, None: 1}
_MS: Final = 1000


class Pace(Protocol):
    """Says when a call is due."""

    def due(self, number: int, started: int) -> float:
        """Give the seconds since the beginning of the run at which a call is to be sent.

        ``number`` counts the calls from 0, ``started`` is when the original came, in Unix
        milliseconds.
        """
        ...


class AtOnce:
    """As fast as the concurrency and the other side allow."""

    def __repr__(self) -> str:
        return "as fast as possible"

    def due(self, number: int, started: int) -> float:  # noqa: ARG002 - of the port
        """Every call is due."""
        return 0.0


class Original:
    """As the calls came, ``speed`` times as fast."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._first: int | None = None

    def __repr__(self) -> str:
        return "at the original pace" if self._speed == 1 else f"at {self._speed:g} times the pace"

    def due(self, number: int, started: int) -> float:  # noqa: ARG002 - of the port
        """Keep the distances to the first call."""
        if self._first is None:
            self._first = started
        return max(0.0, (started - self._first) / _MS / self._speed)


class Rate:
    """So many a second, evenly."""

    def __init__(self, per_second: float) -> None:
        self._step = 1 / per_second

    def __repr__(self) -> str:
        return f"at {1 / self._step:g} a second"

    def due(self, number: int, started: int) -> float:  # noqa: ARG002 - of the port
        """Space the calls evenly."""
        return number * self._step


def rate(text: str) -> float:
    """Read ``100/s``, ``30/m`` or ``100``; gives calls a second. Raises ``ValueError``."""
    found = _RATE.fullmatch(text)
    if found is None or not float(found[1]):
        raise ValueError(f"a rate is written 100/s or 30/m, not {text!r}")
    return float(found[1]) / _UNITS[found[2]]


def of(*, speed: float | None, per_second: float | None) -> Pace:
    """Choose a pace; raises ``ValueError`` for two at once."""
    if speed is not None and per_second is not None:
        raise ValueError("a speed and a rate exclude each other")
    if per_second is not None:
        return Rate(per_second)
    return AtOnce() if speed is None else Original(speed)
