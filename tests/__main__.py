"""Runs the whole suite: ``python -m tests``, which is ``make test``.

Most tests use little of a machine, or wait: they run as two halves side by side, each with brokers
of its own. Those that kill processes and look at clocks run after them, by themselves.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from tests.harness.processes import ROOT

# What looks at clocks and wants the machine for itself.
ALONE: Final = ("acceptance", "bench", "chaos", "faults")
# The larger of the two halves of the rest.
HALF: Final = "ingress"


def shares(folder: Path) -> tuple[list[str], list[str], list[str]]:
    """Divide the tests in a folder: two halves, and what runs alone; paths relative to its parent.

    Whatever is added there is in one of them.
    """
    names = sorted(
        one.name
        for one in folder.iterdir()
        if (one.is_dir() and any(one.rglob("test_*.py"))) or one.match("test_*.py")
    )
    alone = [name for name in names if name in ALONE]
    rest = [name for name in names if name not in (*ALONE, HALF)]
    halves = ([HALF] if HALF in names else [], rest, alone)
    first, second, last = ([f"{folder.name}/{name}" for name in some] for some in halves)
    return first, second, last


def main() -> int:
    """Run them; give pytest's worst exit code."""
    first, second, alone = shares(ROOT / "tests")
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        beside = _pytest(second, output)
        try:
            codes = [_pytest(first).wait()]
            print(f"the other half, after {time.monotonic() - begun:.0f} s:", flush=True)
            codes.append(beside.wait())
        finally:
            beside.kill()
        output.seek(0)
        print(output.read(), flush=True)
    print("what runs alone:", flush=True)
    codes.append(_pytest(alone).wait())
    print(f"pytest ended with {', '.join(map(str, codes))} in {time.monotonic() - begun:.0f} s")
    return max(codes)


def _pytest(paths: Sequence[str], output: IO[str] | None = None) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "pytest", *paths]
    return subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)


if __name__ == "__main__":
    sys.exit(main())
