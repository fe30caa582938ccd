"""Whether a system did what it is measured for: its own count, held against what it was asked."""

import re
import urllib.request
from typing import Final

from bench.system import Running
from tests.harness.waiting import wait_until

# Seconds for what a system does behind the answers.
_PATIENCE: Final = 10.0


class Tally:
    """Counts the requests that a system has answered; one that counts nothing is always right.

    Without it, a journal that cannot be written would look like one that costs nothing.
    """

    def __init__(self, running: Running) -> None:
        self._running = running
        self._asked = 0

    def __repr__(self) -> str:
        return f"<Tally {self._asked} asked>"

    def problems(self, requests: int) -> tuple[str, ...]:
        """Add requests that were answered, and say what is missing of all so far."""
        self._asked += requests
        sample = self._running.counts
        if not sample:
            return ()
        try:
            wait_until(lambda: self._counted(sample) >= self._asked, _PATIENCE)
        except AssertionError:
            return (f"{sample} is {self._counted(sample):.0f} of {self._asked}",)
        return ()

    def _counted(self, sample: str) -> float:
        url = f"http://127.0.0.1:{self._running.admin_port}/metrics"
        with urllib.request.urlopen(url, timeout=5) as answer:
            text = answer.read().decode()
        found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0
