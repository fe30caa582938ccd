"""Locks that the processes of one machine share: byte ranges of one file, for all tables beside it.

A key has the same lock in every table of the folder, so that a call that is counted for one key
in several tables takes one lock. The kernel (``fcntl``) needs about a microsecond to give and to
take back a lock, and lets go of it when a process is killed.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Final

from contracts.fault import Fault

STRIPES: Final = 256
"""So many locks there are, numbered from 1; few calls meet another key's."""

DIGEST: Final = 16
"""Bytes that a key is known by."""

Contended: Final = BlockingIOError
"""Another process works under the same lock at this moment."""

_TRY: Final = fcntl.LOCK_EX | fcntl.LOCK_NB
_UNLOCK: Final = fcntl.LOCK_UN
_lock: Final = fcntl.lockf
# The lock of who makes a file.
_MAKING: Final = 0
# Seconds in which another process must have made a file, and between two looks.
_PATIENCE: Final = 5.0
_PAUSE: Final = 0.005


class Locks:
    """``locks.enter(stripe)``, for one or several, work, ``locks.leave()``; neither waits.

    ``enter`` raises ``Contended``; ``leave`` unlocks all that this process holds, which is cheaper
    than to unlock each: the kernel need not think of what stays locked. Both are bare system calls,
    for each call that is counted makes them. Without a ``folder`` this process is alone and needs
    none. ``OSError`` when there can be no file.
    """

    def __init__(self, folder: Path | None) -> None:
        self._fd = -1
        self._secret = os.urandom(DIGEST)
        self.enter: Callable[[int], None] = _nothing
        self.leave: Callable[[], None] = _nothing
        if folder is not None:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._fd = os.open(folder / "locks", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._bind()
            with self.making():
                self._secret = self._agree()

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            # The number may be another file's now.
            self._bind()

    def __repr__(self) -> str:
        return "<Locks of nobody else>" if self._fd < 0 else f"<{STRIPES} Locks>"

    def digest(self, key: str) -> bytes:
        """Give what a key is known by in all tables; nobody outside can choose keys that meet."""
        data = key.encode("utf-8", "surrogatepass")
        return blake2b(data, digest_size=DIGEST, key=self._secret).digest()

    @contextmanager
    def making(self) -> Iterator[None]:
        """Be the only process that makes a file; waits for another. ``Fault`` after seconds."""
        if self._fd < 0:
            yield
            return
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                _lock(self._fd, _TRY, 1, _MAKING)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Fault("store_down", "another process holds the limits") from None
                time.sleep(_PAUSE)
        try:
            yield
        finally:
            _lock(self._fd, _UNLOCK, 1, _MAKING)

    def _bind(self) -> None:
        self.enter = partial(_lock, self._fd, _TRY, 1)
        self.leave = partial(_lock, self._fd, _UNLOCK)

    def _agree(self) -> bytes:
        """Give the secret that stands in the file; the first process writes its own there."""
        found = os.pread(self._fd, DIGEST, 0)
        if len(found) == DIGEST:
            return found
        os.pwrite(self._fd, self._secret, 0)
        return self._secret


def _nothing(_: int = 0) -> None:
    """Lock nothing."""
