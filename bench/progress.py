"""Tells how far the run is: one line that changes on a terminal, plain lines elsewhere."""

import sys
import time
from typing import TextIO


class Progress:
    """Live progress on ``stream``, stderr by default, so that stdout holds results alone.

    ``plan`` says how many seconds of work are ahead; ``step`` what is done now, and how many of
    them it takes.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty()
        self._ahead = 0.0
        self._behind = 0.0
        self._began = time.monotonic()

    def plan(self, seconds: float) -> None:
        """Begin a run of about that many seconds."""
        self._ahead, self._behind = seconds, 0.0
        self._began = time.monotonic()

    def step(self, what: str, seconds: float) -> None:
        """Say what begins now."""
        self._show(f"{what:<58} {_minutes(self._left())} left")
        self._behind += seconds

    def say(self, what: str) -> None:
        """Say something that stays."""
        if self._live:
            self._stream.write("\r\x1b[2K")
        self._stream.write(f"{what}\n")
        self._stream.flush()

    def done(self) -> None:
        """Clear the line."""
        if self._live:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()

    def _left(self) -> float:
        left = self._ahead - self._behind
        if self._behind <= 0:
            return left
        # What was planned, stretched by how long it really took so far.
        return max(0.0, left * (time.monotonic() - self._began) / self._behind)

    def _show(self, line: str) -> None:
        if self._live:
            self._stream.write(f"\r\x1b[2K{line}")
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()


def _minutes(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}m {whole % 60:02}s" if whole >= 60 else f"{whole}s"  # noqa: PLR2004
