"""How a rate is written: ``1000/m``, ``5/10s``."""

import re
from typing import Final

import msgspec

from ingress import units

PATTERN: Final = r"^[1-9][0-9]{0,8}/([1-9][0-9]{0,5})?(s|m|h|d)$"
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST: Final = 86_400


class Rate(msgspec.Struct, frozen=True):
    """So many calls in any ``seconds`` seconds."""

    calls: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.calls}/{self.window}"

    @property
    def window(self) -> str:
        """The window alone: ``1m``, ``10s``."""
        return units.write_duration(self.seconds)


def parse(text: str) -> Rate:
    """Read a rate; raises ``ValueError`` with a sentence."""
    if not re.match(PATTERN, text, re.ASCII) or text.endswith("\n"):
        raise ValueError("a rate is calls/window: 10/s, 1000/m, 50/10s, 5000/12h")
    calls, _, window = text.partition("/")
    seconds = int(window[:-1] or 1) * _SECONDS[window[-1]]
    if seconds > _LONGEST:
        raise ValueError("the window of a rate is at most a day; for longer ones there are quotas")
    return Rate(int(calls), seconds)
