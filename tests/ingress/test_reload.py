"""A command that runs again whenever files change."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from ingress.reload import run_again
from tests.harness.waiting import eventually

# Each run leaves a file that holds what ``code.py`` said when it began.
_CHILD = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
folder = pathlib.Path(sys.argv[1])
text = (folder / "src" / "code.py").read_text()
(folder / "runs" / f"{time.time_ns()}").write_text(text)
code = int(sys.argv[2])
sys.exit(code) if code else signal.pause()
"""


class Watched:
    """A folder that is watched, and what ran."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.right = True
        self.code = 0
        self.said: list[str] = []
        (folder / "src").mkdir()
        (folder / "runs").mkdir()
        self.write("one")

    def write(self, text: str) -> None:
        (self.folder / "src" / "code.py").write_text(text)

    def runs(self) -> list[str]:
        return [path.read_text() for path in sorted((self.folder / "runs").iterdir())]

    def start(self) -> asyncio.Task[int]:
        return asyncio.create_task(
            run_again(
                [sys.executable, "-c", _CHILD, str(self.folder), str(self.code)],
                [self.folder / "src"],
                sockets=[],
                env={},
                check=lambda: self.right,
                report=self.said.append,
            )
        )


async def test_a_change_restarts_the_command(tmp_path: Path) -> None:
    """The new run sees the new file, and a signal ends it all."""
    watched = Watched(tmp_path)
    running = watched.start()
    await eventually(lambda: watched.runs() == ["one"], within=10)
    watched.write("two")
    await eventually(lambda: watched.runs() == ["one", "two"], within=10)
    assert watched.said == ["code.py changed: restarting"]
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 10) == 0


async def test_a_change_that_is_wrong_leaves_the_old_one_running(tmp_path: Path) -> None:
    """What does not pass the check is said and not run."""
    watched = Watched(tmp_path)
    running = watched.start()
    await eventually(lambda: watched.runs() == ["one"], within=10)
    watched.right = False
    watched.write("bad")
    await eventually(lambda: watched.said, within=10)
    assert watched.said == ["code.py changed, but is wrong: the old one goes on"]
    watched.right = True
    watched.write("good")
    await eventually(lambda: watched.runs() == ["one", "good"], within=10)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 10)


async def test_files_in_hidden_folders_are_passed_over(tmp_path: Path) -> None:
    """Tools keep copies of sources there; a file is named as seen from the watched folder."""
    watched = Watched(tmp_path)
    for name in (".cache", "deep"):
        (tmp_path / "src" / name).mkdir()
    running = watched.start()
    await eventually(lambda: watched.runs() == ["one"], within=10)
    (tmp_path / "src" / ".cache" / "copy.py").write_text("")
    (tmp_path / "src" / "deep" / "more.py").write_text("")
    await eventually(lambda: watched.said, within=10)
    assert watched.said == ["deep/more.py changed: restarting"]
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 10)


async def test_a_command_that_ends_is_told_and_run_again_at_the_next_change(
    tmp_path: Path,
) -> None:
    """Nobody is left before a port that does not answer without a word."""
    watched = Watched(tmp_path)
    watched.code = 3
    running = watched.start()
    await eventually(lambda: watched.said, within=10)
    assert watched.said[0].startswith("it ended with 3: to be started again when a file changes")
    watched.write("two")
    await eventually(lambda: watched.runs() == ["one", "two"], within=10)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 10)
