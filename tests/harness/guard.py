"""A test run that dies, even of SIGKILL, takes along what it started."""

import subprocess
from typing import Final

# Reads until the test run says a word (all is cleaned up) or is gone (end of file).
_SCRIPT: Final = 'read -r word || eval "$1"'


class Guard:
    """Runs a shell command once this process is gone, unless it is released before.

    It is a shell at the other end of a pipe: nothing that happens to this process can keep the pipe
    from closing, so this works where ``atexit`` does not. Use it with a process group::

        child = subprocess.Popen(words, process_group=0)
        guard = Guard(f"kill -s KILL -- -{child.pid}")
    """

    def __init__(self, undo: str) -> None:
        self._undo = undo
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "guard", undo],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Out of the terminal's foreground, so that Ctrl-C does not reach it.
            process_group=0,
        )

    def __repr__(self) -> str:
        state = "watching" if self._shell.poll() is None else "released"
        return f"<Guard {self._undo!r} {state}>"

    def release(self) -> None:
        """Say that nothing is left to undo. Harmless the second time."""
        if self._shell.poll() is None:
            self._shell.communicate(b"released\n")
