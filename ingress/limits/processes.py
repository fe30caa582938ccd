"""Which processes of this machine live: each holds a lock that ends with it, however it ends."""

import fcntl
import os
import secrets
import struct
from pathlib import Path
from typing import Final

MOST: Final = 64
_EPOCH: Final = struct.Struct("<I")


class Processes:
    """This process has a ``number`` and an ``epoch``; the number may be another's after it.

    One file a number lies in ``folder``; its lock (``flock``, which the kernel releases when a
    process is killed) says that somebody has the number, its content is the epoch of who has it.
    Without a folder this process is alone. ``OSError`` when all numbers are taken.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._fd = -1
        self.number = 0
        self.epoch = secrets.randbelow(2**32 - 1) + 1
        if folder is not None:
            self.number, self._fd = self._join(folder)
            os.pwrite(self._fd, _EPOCH.pack(self.epoch), 0)

    def __repr__(self) -> str:
        return f"<Processes: this is {self.number}>"

    def close(self) -> None:
        """Give the number back."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def living(self, number: int) -> int:
        """Give the epoch of the process that has the number, 0 for none."""
        if number == self.number:
            return self.epoch
        if self._folder is None:
            return 0
        try:
            fd = os.open(_path(self._folder, number), os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return 0
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            found = os.pread(fd, _EPOCH.size, 0)
            return int(_EPOCH.unpack(found)[0]) if len(found) == _EPOCH.size else 0
        else:
            return 0
        finally:
            os.close(fd)

    @staticmethod
    def _join(folder: Path) -> tuple[int, int]:
        for number in range(MOST):
            fd = os.open(_path(folder, number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(fd)
            else:
                return number, fd
        raise OSError(f"more than {MOST} gateway processes share the limits in {folder}")


def _path(folder: Path, number: int) -> Path:
    return folder / f"process-{number:02d}"
