"""The supervisor keeps children running, and stops them together."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from ingress.supervisor import Supervisor, listen
from tests.harness.waiting import eventually

# A child that writes its pid and waits for SIGTERM.
_WAITS = """
import os, pathlib, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
pathlib.Path(sys.argv[1], str(os.getpid())).touch()
signal.pause()
"""


def _pids(folder: Path) -> set[int]:
    return {int(path.name) for path in folder.iterdir()}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_all_children_run_and_stop_together(tmp_path: Path) -> None:
    """A signal to the parent ends every child, and the result is 0."""
    supervisor = Supervisor([sys.executable, "-c", _WAITS, str(tmp_path)], 3)
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: len(_pids(tmp_path)) == 3, within=10)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 10) == 0
    assert not any(_alive(pid) for pid in _pids(tmp_path))


async def test_a_child_that_dies_is_replaced(tmp_path: Path) -> None:
    """A killed child is reported and a new one takes its place."""
    said: list[str] = []
    gone: list[int] = []
    supervisor = Supervisor(
        [sys.executable, "-c", _WAITS, str(tmp_path)], 1, report=said.append, on_exit=gone.append
    )
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: len(_pids(tmp_path)) == 1, within=10)
    (first,) = _pids(tmp_path)
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: len(_pids(tmp_path)) == 2, within=10)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 10)
    assert gone[0] == first
    assert f"process {first} ended with -9" in said[0]


async def test_a_wrong_configuration_is_not_tried_again(tmp_path: Path) -> None:
    """A child that exits with 2 ends the whole with 2, and the others stop."""
    script = f"import os,sys\nif os.path.exists({str(tmp_path / 'x')!r}): sys.exit(2)\n" + _WAITS
    (tmp_path / "pids").mkdir()
    supervisor = Supervisor(
        [sys.executable, "-c", script, str(tmp_path / "pids")], 1, report=lambda _: None
    )
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: len(_pids(tmp_path / "pids")) == 1, within=10)
    (tmp_path / "x").touch()
    os.kill(next(iter(_pids(tmp_path / "pids"))), signal.SIGKILL)
    assert await asyncio.wait_for(running, 10) == 2


async def test_a_child_that_ignores_the_order_is_killed(tmp_path: Path) -> None:
    """After the grace a child that does not stop is killed."""
    deaf = _WAITS.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
    supervisor = Supervisor(
        [sys.executable, "-c", deaf, str(tmp_path)], 1, grace=0.2, report=lambda _: None
    )
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: len(_pids(tmp_path)) == 1, within=10)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 10) == 0
    assert not any(_alive(pid) for pid in _pids(tmp_path))


async def test_nobody_waits_at_a_door_that_the_children_have_closed(tmp_path: Path) -> None:
    """While they drain new connections are refused, and not kept in the parent's queue."""
    with listen("127.0.0.1", 0) as door:
        drains = _WAITS.replace("sys.exit(0)", f"os.close({door.fileno()})") + "signal.pause()"
        supervisor = Supervisor(
            [sys.executable, "-c", drains, str(tmp_path)], 1, sockets=[door], report=lambda _: None
        )
        place = door.getsockname()
        running = asyncio.create_task(supervisor.run())
        await eventually(lambda: len(_pids(tmp_path)) == 1, within=10)
        os.kill(os.getpid(), signal.SIGTERM)
        await eventually(lambda: _refuses(place), within=10)
        assert not running.done()
        os.kill(os.getpid(), signal.SIGTERM)
        assert await asyncio.wait_for(running, 10) == 0


def _refuses(place: tuple[str, int]) -> bool:
    try:
        socket.create_connection(place, timeout=1).close()
    except ConnectionError:
        return True
    return False


def test_children_end_when_the_parent_is_killed(tmp_path: Path) -> None:
    """The lifeline tells a child that its parent is gone."""
    child = (
        "import asyncio,os,pathlib,sys\n"
        "from ingress.supervisor import hold_lifeline\n"
        "async def main():\n"
        "    stop = asyncio.Event(); hold_lifeline(stop.set)\n"
        "    pathlib.Path(sys.argv[1], str(os.getpid())).touch()\n"
        "    await stop.wait()\n"
        "asyncio.run(main())\n"
    )
    parent = (
        "import asyncio,sys\n"
        "from ingress.supervisor import Supervisor\n"
        "asyncio.run(Supervisor([sys.executable, '-c', sys.argv[1], sys.argv[2]], 2).run())\n"
    )

    async def story() -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", parent, child, str(tmp_path)
        )
        await eventually(lambda: len(_pids(tmp_path)) == 2, within=10)
        process.kill()
        await process.wait()
        await eventually(lambda: not any(_alive(pid) for pid in _pids(tmp_path)))

    asyncio.run(story())


def test_a_taken_port_says_what_to_do() -> None:
    """Listening on a port in use names the port and the way out."""
    with listen("127.0.0.1", 0) as sock, pytest.raises(OSError, match="choose another port"):
        listen("127.0.0.1", sock.getsockname()[1])
