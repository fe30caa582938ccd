"""Real child processes, such as the `queuegate` command, for tests that look from outside."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.harness.guard import Guard
from tests.harness.waiting import wait_until

ROOT: Final = Path(__file__).parents[2]

# How long a busy machine may take to start a Python process that imports all of queuegate.
_START_SECONDS: Final = 20.0


class ChildProcess:
    """A running process with all its children in one group, and its output in a file.

    A context manager: whatever still runs at the end is killed, grandchildren too. The methods
    block; in an async test call them by ``asyncio.to_thread``, or ask `output` by ``eventually``.

    Args:
        command: the words of the command.
        log: the file that takes stdout and stderr; it is appended to.
        env: variables on top of this process's own.
        cwd: the working folder; the repository's root if left out.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> None:
        self.log = log
        self._words = [str(word) for word in command]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                self._words,
                cwd=cwd,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        self._guard = Guard(f"kill -s KILL -- -{self.pid}")

    def __repr__(self) -> str:
        state = "running" if self.returncode is None else f"ended with {self.returncode}"
        return f"<ChildProcess {' '.join(self._words)} pid={self.pid} {state}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The process's id, which is its group's too."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, minus the signal's number, or None while it runs."""
        return self._process.poll()

    @property
    def output(self) -> str:
        """All that it has printed so far."""
        return self.log.read_text(errors="replace")

    def wait_for_output(self, text: str, within: float = _START_SECONDS) -> str:
        """Wait until it has printed this; return all that it has printed."""
        wait_until(lambda: self._says(text), within, f"{self!r} prints {text!r}")
        return self.output

    def wait_for_port(self, port: int, within: float = _START_SECONDS) -> None:
        """Wait until it takes connections on this port of 127.0.0.1."""
        wait_until(lambda: self._answers(port), within, f"{self!r} listens on {port}")

    def wait(self, within: float = _START_SECONDS) -> int:
        """Wait until it ends by itself; return the exit code."""
        return self._process.wait(timeout=within)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process alone, as a supervisor does; its children get none."""
        self._process.send_signal(number)

    def terminate(self, within: float = _START_SECONDS) -> int:
        """Ask it to end (SIGTERM) and return the exit code; too late is ``TimeoutExpired``."""
        self.send(signal.SIGTERM)
        return self.wait(within)

    def kill(self) -> None:
        """End it and its children at once (SIGKILL). Harmless the second time."""
        with suppress(ProcessLookupError):  # all are gone
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._guard.release()

    def _says(self, text: str) -> bool:
        self._must_run()
        return text in self.output

    def _answers(self, port: int) -> bool:
        self._must_run()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    def _must_run(self) -> None:
        if self.returncode is not None:
            message = f"{self!r} and printed:\n{self.output[-4000:]}"
            raise RuntimeError(message)


def queuegate_command(*words: str) -> list[str]:
    """Return the command line of ``queuegate WORDS`` for this very interpreter and source tree."""
    return [sys.executable, "-m", "ingress.cli", *words]
