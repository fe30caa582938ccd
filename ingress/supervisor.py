"""Several processes of one kind, kept running: gateways or workers.

The parent binds the listening sockets and hands them to every child, so that
a child that dies or restarts drops nobody from the accept queue (with
``SO_REUSEPORT`` each child would have a queue of its own, lost with it).

Children run in sessions of their own: a Ctrl-C at the terminal reaches the
parent alone, which passes it on once. Each child holds the read end of a pipe
(the lifeline); should the parent be killed, the pipe closes and they drain.
"""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

LIFELINE: Final = "QUEUEGATE_LIFELINE"
# Connections that the kernel makes before we accept them: the most that Linux has by itself.
# For one more it drops what the client sent, who tries again a second later.
BACKLOG: Final = 4096

_FIRST_DELAY, _LONGEST_DELAY, _STABLE_AFTER = 0.1, 5.0, 10.0
_USAGE: Final = 2


def listen(host: str, port: int) -> socket.socket:
    """Bind and listen; ``port`` 0 takes a free one.

    Raises ``OSError`` with a message that says what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise OSError(
            error.errno,
            f"cannot listen on {host}:{port} ({error.strerror}): "
            "stop what is there, or choose another port",
        ) from None
    sock.setblocking(False)  # noqa: FBT003 - the standard library's signature
    return sock


class Supervisor:
    """Runs ``count`` children of ``command`` until told to stop.

    A child that dies is started again, soon at first and then ever later, up
    to five seconds. A child that exits with 2 found its configuration wrong:
    no restart would help, so all are stopped and 2 is the result.
    """

    def __init__(
        self,
        command: Sequence[str],
        count: int,
        *,
        sockets: Sequence[socket.socket] = (),
        env: Mapping[str, str] | None = None,
        grace: float = 35.0,
        report: Callable[[str], None] = print,
        on_exit: Callable[[int], None] | None = None,
    ) -> None:
        self._command = list(command)
        self._count = count
        self._sockets = tuple(sockets)
        self._fds = tuple(sock.fileno() for sock in sockets)
        self._env = dict(env or {})
        self._grace = grace
        self._report = report
        self._on_exit = on_exit
        self._children: dict[int, asyncio.subprocess.Process] = {}
        self._stop = asyncio.Event()
        self._result = 0
        self._impatient = False

    async def run(self) -> int:
        """Run until SIGTERM or SIGINT; gives the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        loop.add_signal_handler(signal.SIGHUP, self._pass_on, signal.SIGHUP)
        read_end, write_end = os.pipe()
        try:
            keepers = [
                asyncio.create_task(self._keep(slot, read_end)) for slot in range(self._count)
            ]
            await self._stop.wait()
            self._pass_on(signal.SIGTERM)
            # Or who comes while they drain would wait in our queue, and be reset at the end.
            for sock in self._sockets:
                sock.close()
            _, late = await asyncio.wait(keepers, timeout=self._grace)
            if late:
                self._report(f"{len(self._children)} did not stop within {self._grace:g} s: killed")
                self._pass_on(signal.SIGKILL)
            await asyncio.gather(*keepers)
        finally:
            self._pass_on(signal.SIGKILL)
            os.close(read_end)
            os.close(write_end)
        return self._result

    async def _keep(self, slot: int, lifeline: int) -> None:
        """Keep one child running."""
        delay = _FIRST_DELAY
        while not self._stop.is_set():
            started = time.monotonic()
            child = await asyncio.create_subprocess_exec(
                *self._command,
                pass_fds=(*self._fds, lifeline),
                env={**os.environ, **self._env, LIFELINE: str(lifeline)},
                start_new_session=True,
            )
            self._children[slot] = child
            if self._stop.is_set():
                # The order to stop was given while this one was being born.
                child.terminate()
            code = await child.wait()
            del self._children[slot]
            if self._on_exit:
                self._on_exit(child.pid)
            if self._stop.is_set():
                return
            if code == _USAGE:
                self._result = _USAGE
                self._stop.set()
                return
            if time.monotonic() - started > _STABLE_AFTER:
                delay = _FIRST_DELAY
            self._report(f"process {child.pid} ended with {code}: a new one in {delay:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), delay)
            delay = min(delay * 2, _LONGEST_DELAY)

    def _on_signal(self) -> None:
        if self._impatient:
            self._pass_on(signal.SIGKILL)
        self._impatient = True
        self._stop.set()

    def _pass_on(self, number: signal.Signals) -> None:
        for child in list(self._children.values()):
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(number)


def hold_lifeline(stop: Callable[[], None]) -> None:
    """In a child: call ``stop`` when the parent is gone."""
    given = os.environ.get(LIFELINE)
    if given is None:
        return
    loop = asyncio.get_running_loop()
    fd = int(given)

    def gone() -> None:
        loop.remove_reader(fd)
        stop()

    loop.add_reader(fd, gone)
