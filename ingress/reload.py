"""Run a command again whenever files change: the owner of watchfiles.

The listening sockets stay with the parent, so a request that comes in the
middle of a restart waits in the accept queue and is not refused.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from watchfiles import DefaultFilter, awatch

from ingress.supervisor import LIFELINE


class _Sources(DefaultFilter):
    """What a restart may depend on: code and route files, but none in a hidden folder."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__()
        self._folders = [folder.resolve() for folder in folders]

    def __call__(self, change: object, path: str) -> bool:
        hidden = any(part.startswith(".") for part in Path(self.short(path)).parts)
        return (
            path.endswith((".py", ".yaml", ".yml"))
            and not hidden
            and super().__call__(change, path)  # type: ignore[arg-type]
        )

    def short(self, path: str) -> str:
        """Give a path as seen from the folder that is watched."""
        whole = Path(path)
        for folder in self._folders:
            if whole.is_relative_to(folder):
                return str(whole.relative_to(folder))
        return path


async def run_again(
    command: Sequence[str],
    folders: Sequence[Path],
    *,
    sockets: Sequence[socket.socket],
    env: Mapping[str, str],
    check: Callable[[], bool],
    report: Callable[[str], None],
    grace: float = 10.0,
) -> int:
    """Run ``command`` until SIGTERM or SIGINT, anew after each change.

    ``check`` looks at what changed first: if it says no, the old process goes
    on. A process that ends by itself is started again at the next change, and
    until then connections wait, which is said.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    read_end, write_end = os.pipe()
    fds = (*(sock.fileno() for sock in sockets), read_end)

    async def begin() -> tuple[asyncio.subprocess.Process, asyncio.Task[None]]:
        whole = {**os.environ, **env, LIFELINE: str(read_end)}
        child = await asyncio.create_subprocess_exec(
            *command, pass_fds=fds, env=whole, start_new_session=True
        )
        return child, asyncio.create_task(_tell_end(child, report))

    sources = _Sources(folders)
    child, watch = await begin()
    try:
        async for changes in awatch(*folders, watch_filter=sources, stop_event=stop, debounce=300):
            names = ", ".join(sorted({sources.short(path) for _, path in changes}))
            if not check():
                report(f"{names} changed, but is wrong: the old one goes on")
                continue
            report(f"{names} changed: restarting")
            watch.cancel()
            await _end(child, grace)
            child, watch = await begin()
    finally:
        watch.cancel()
        await _end(child, grace)
        os.close(read_end)
        os.close(write_end)
    return 0


async def _tell_end(child: asyncio.subprocess.Process, report: Callable[[str], None]) -> None:
    code = await child.wait()
    report(f"it ended with {code}: to be started again when a file changes, or Ctrl-C to stop")


async def _end(child: asyncio.subprocess.Process, grace: float) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), grace)
    except TimeoutError:
        child.kill()
        await child.wait()
