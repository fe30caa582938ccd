"""Locks that the processes of one machine share: byte ranges of one file, for all tables beside it.

A key has the same lock in every table of the folder, so that a call that is counted for one key
in several tables takes one lock. The kernel (``fcntl``) needs about a microsecond to give and to
take back a lock, and lets go of it when a process is killed.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Final

from contracts.fault import Fault

STRIPES: Final = 256
"""So many locks there are; few calls meet another key's."""

DIGEST: Final = 16
"""Bytes that a key is known by."""

_TRY: Final = fcntl.LOCK_EX | fcntl.LOCK_NB
_UNLOCK: Final = fcntl.LOCK_UN
_lock: Final = fcntl.lockf
# The lock of who makes a file; that of stripe 0 comes behind it.
_MAKING: Final = 0
_FIRST: Final = 1
# Seconds in which another process must have made a file, and between two looks.
_PATIENCE: Final = 5.0
_PAUSE: Final = 0.005


class Contended(Exception):
    """Another process works under the same lock at this moment."""


class Locks:
    """``locks.enter(stripe)``, work, ``locks.leave(stripe)``; neither waits.

    Without a ``folder`` this process is alone and needs none. ``OSError`` when there can be no
    file.
    """

    def __init__(self, folder: Path | None) -> None:
        self._fd = -1
        self._secret = os.urandom(DIGEST)
        if folder is not None:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._fd = os.open(folder / "locks", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with self.making():
                self._secret = self._agree()

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __repr__(self) -> str:
        return "<Locks of nobody else>" if self._fd < 0 else f"<{STRIPES} Locks>"

    def digest(self, key: str) -> bytes:
        """Give what a key is known by in all tables; nobody outside can choose keys that meet."""
        data = key.encode("utf-8", "surrogatepass")
        return blake2b(data, digest_size=DIGEST, key=self._secret).digest()

    def enter(self, stripe: int) -> None:
        """Lock a stripe, or raise ``Contended``."""
        if self._fd >= 0:
            try:
                _lock(self._fd, _TRY, 1, _FIRST + stripe)
            except BlockingIOError:
                raise Contended from None

    def leave(self, stripe: int) -> None:
        """Unlock it."""
        if self._fd >= 0:
            _lock(self._fd, _UNLOCK, 1, _FIRST + stripe)

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

    def _agree(self) -> bytes:
        """Give the secret that stands in the file; the first process writes its own there."""
        found = os.pread(self._fd, DIGEST, 0)
        if len(found) == DIGEST:
            return found
        os.pwrite(self._fd, self._secret, 0)
        return self._secret
