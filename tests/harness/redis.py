"""A Redis for one test run, wherever it can be had, and gone afterwards."""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from tests.harness.guard import Guard
from tests.harness.install import can_install, install_redis, installed_redis
from tests.harness.nodes import container_engine
from tests.harness.ports import free_port
from tests.harness.waiting import wait_until

URL_VARIABLE: Final = "QUEUEGATE_TEST_REDIS_URL"

_IMAGE: Final = "redis:7"
# An image may have to be fetched, and a laptop may be busy; a server is up in 50 ms.
_BOOT_SECONDS: Final = 120.0

_NO_REDIS: Final = f"""\
The tests need a Redis of their own, and none was found. One of these helps:
  - install the server: apt-get install redis-server, or brew install redis
    (as root on Debian or Ubuntu the tests install it by themselves)
  - start docker or podman, which they use when its engine answers
  - name one: {URL_VARIABLE}=redis://host:6379/0 (tests that kill it are then skipped)
  - leave out what needs it, on a laptop only: QUEUEGATE_TEST_NO_BROKER=1
"""


class NoRedisError(RuntimeError):
    """There is no Redis for the tests, and the message says what to do."""


class PrivateRedis:
    """A Redis of our own, on 127.0.0.1 alone; a context manager.

    Data and port stay the same over `kill` and `restart`.
    """

    def __init__(self) -> None:
        self._given = os.environ.get(URL_VARIABLE, "")
        self._folder = Path(tempfile.mkdtemp(prefix="queuegate-redis-"))
        self._child: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None
        self.port = urlsplit(self._given).port or free_port()
        try:
            self._command = [] if self._given else _command(self.port, self._folder)
        except NoRedisError:
            self._folder.rmdir()
            raise

    def __repr__(self) -> str:
        return f"<PrivateRedis {self._given or self.port}>"

    def __enter__(self) -> Self:
        try:
            self.restart()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def ours(self) -> bool:
        """Whether it may be hurt."""
        return not self._given

    @property
    def url(self) -> str:
        """Its URL, database 0."""
        return self._given or f"redis://127.0.0.1:{self.port}/0"

    def own_url(self) -> str:
        """Return a store's URL whose keys are nobody else's."""
        mark = "&" if "?" in self.url else "?"
        return f"{self.url}{mark}prefix=test-{uuid.uuid4().hex[:8]}"

    def restart(self) -> None:
        """Start it, after `kill` too, on the same port and data; wait until it answers."""
        if self.ours and (self._child is None or self._child.poll() is not None):
            with (self._folder / "output").open("ab") as output:
                self._child = subprocess.Popen(
                    self._command,
                    cwd=self._folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    process_group=0,
                )
            folder = shlex.quote(str(self._folder))
            self._guard = Guard(f"kill -s KILL -- -{self._child.pid}; rm -rf {folder}")
        wait_until(self._answers, within=_BOOT_SECONDS, what="Redis is ready")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end()

    def freeze(self) -> None:
        """Stop it in its tracks: connections stay open, and nothing answers."""
        self._signal(signal.SIGSTOP)
        if self._child is not None:
            os.waitpid(self._child.pid, os.WUNTRACED)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """End it and leave nothing of it behind. Harmless the second time."""
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self) -> None:
        if self._child is not None:
            self._signal(signal.SIGKILL)
            self._child.wait()
            self._child = None
        if self._guard is not None:
            self._guard.release()
            self._guard = None

    def _signal(self, number: signal.Signals) -> None:
        if not self.ours:
            raise RuntimeError(f"{self.url} is given: a test that hurts it needs one of our own")
        if self._child is not None and self._child.poll() is None:
            os.killpg(self._child.pid, number)

    def _answers(self) -> bool:
        if self._child is not None and self._child.poll() is not None:
            said = (self._folder / "output").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"redis-server ended with {self._child.returncode}:\n{said}")
        host = urlsplit(self.url).hostname or "127.0.0.1"
        try:
            with socket.create_connection((host, self.port), timeout=1) as hello:
                hello.sendall(b"PING\r\n")
                return hello.recv(16).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


def _command(port: int, folder: Path) -> list[str]:
    """Return what starts one: installed, installable, or in a container.

    Raises:
        NoRedisError: there is none, and what to do about it.
    """
    server = installed_redis() or (install_redis() if can_install() else None)
    # What it acknowledged is in the file of a process that is killed.
    keeps = ["--save", "", "--appendonly", "yes"]
    if server is not None:
        place = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
        return [str(server), *place, *keeps]
    if engine := container_engine():
        publish = ["--publish", f"127.0.0.1:{port}:6379", "--volume", f"{folder}:/data"]
        return [engine, "run", "--rm", *publish, _IMAGE, "redis-server", *keeps]
    raise NoRedisError(_NO_REDIS)
