"""wrk, the HTTP load generator: how it is run, and what it says."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from bench.places import BENCH

_MARK: Final = "RESULT "
_WORDS: Final = {
    "connect": "connections refused",
    "read": "read errors",
    "write": "write errors",
    "timeout": "timeouts",
    "status": "answers that are not 2xx or 3xx",
}


class Told(msgspec.Struct, frozen=True):
    """What ``load.lua`` prints. Latencies are microseconds, as wrk sees them."""

    requests: int
    microseconds: int
    p50: float
    p99: float
    connect: int
    read: int
    write: int
    timeout: int
    status: int

    @property
    def problems(self) -> tuple[str, ...]:
        """What makes the measurement invalid, in words."""
        found = [
            f"{count} {words}" for key, words in _WORDS.items() if (count := getattr(self, key))
        ]
        return (*found, *(() if self.requests else ("not one answer",)))


class WrkError(RuntimeError):
    """wrk itself failed; says what it printed."""


def command(
    url: str,
    body: Path,
    connections: int,
    seconds: float,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """Return wrk's command line.

    One thread: it does 50,000 requests a second, and the machine is shared with what is measured.
    """
    whole = max(1, round(seconds))  # wrk takes whole seconds
    load = ["-t1", f"-c{connections}", f"-d{whole}s", "--timeout", "30s"]
    load += [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    return ["wrk", *load, "-s", str(BENCH / "load.lua"), url, "--", str(body)]


def run(
    url: str,
    body: Path,
    connections: int,
    seconds: float,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Told:
    """Post the body as fast as answers come; raises ``WrkError`` when wrk fails."""
    done = subprocess.run(
        command(url, body, connections, seconds, headers),
        capture_output=True,
        text=True,
        check=False,
    )
    return parse(done.stdout, done.stderr)


def parse(output: str, errors: str = "") -> Told:
    """Read what wrk printed; raises ``WrkError`` when the result is not in it."""
    for line in output.splitlines():
        if line.startswith(_MARK):
            return msgspec.json.decode(line.removeprefix(_MARK), type=Told)
    message = f"wrk gave no result: {(errors or output).strip()[-500:]}"
    raise WrkError(message)
