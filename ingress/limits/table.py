"""A table of counters that the processes of one machine share: a file, mapped into memory.

A row belongs to one key. Where it stands follows from a keyed hash: ``_WAYS`` rows are a set, and a
key's row is somewhere in its set, so that finding it is one search in 512 bytes. A byte range of
the file is the lock of a set (``fcntl``): about a microsecond, and the kernel lets go of it when a
process is killed.

The table never grows. A key that finds its set full of rows that still count takes the row at its
end, which all those share: whoever invents keys to push others out only comes to share one count
with others like it, and no count is ever lost.
"""

import fcntl
import mmap
import os
import struct
import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Final

from contracts.fault import Fault

_MAGIC: Final = b"qglimit1"
_HEADER: Final = struct.Struct("<8sII16s")
_PAGE: Final = 4096
_WAYS: Final = 32
SHARED: Final = _WAYS
"""The place of those in a set that found none of their own."""

_TAG: Final = 16
_TAGS: Final = _WAYS * _TAG
# When a row may be another's, in Unix ms.
_UNTIL: Final = struct.Struct("<Q")
_ALL_UNTIL: Final = struct.Struct(f"<{_WAYS}Q")
_ROWS_AT: Final = _TAGS + _ALL_UNTIL.size
LABEL: Final = 96
_TRY: Final = fcntl.LOCK_EX | fcntl.LOCK_NB
_UNLOCK: Final = fcntl.LOCK_UN
_lock: Final = fcntl.lockf
# Keys whose hash is kept at hand, in each process.
_REMEMBERED: Final = 4096

# A set that is locked, the row's place in it, and where the row's bytes begin.
Place = tuple[int, int, int]
# Seconds in which another process must have made the file.
_PATIENCE: Final = 5.0


class Contended(Exception):
    """Another process works on the same set at this moment."""


class Table:
    """Rows by key: ``at, place, begins = table.enter(...)``, work, ``table.leave(at)``.

    ``row_size`` is in bytes, ``max_keys`` how many keys there is ample room for. Without a ``path``
    it is this process's own and needs no lock. ``OSError`` when the file cannot be made.
    """

    def __init__(self, path: Path | None, row_size: int, max_keys: int) -> None:
        self._row = LABEL + row_size
        self._set = _ROWS_AT + (_WAYS + 1) * self._row
        # Twice the room: so that no set is full long before all are.
        self._sets = max(1, -(-2 * max_keys // _WAYS))
        self._size = _PAGE + self._sets * self._set
        self._fd = -1
        self._known: dict[str, tuple[bytes, int]] = {}
        if path is None:
            self.buffer = mmap.mmap(-1, self._size)
            self._secret = os.urandom(16)
        else:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._secret = self._prepare()
            self.buffer = mmap.mmap(self._fd, self._size)

    def close(self) -> None:
        """Let go of it; what is in the file stays."""
        self.buffer.close()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __repr__(self) -> str:
        return f"<Table {self._sets * _WAYS} rows of {self._row} bytes>"

    def enter(self, key: str, now: Callable[[], float]) -> Place:
        """Lock the key's set and give its row, a new one if it has none; ``leave`` unlocks.

        ``now`` gives Unix seconds. Raises ``Contended``.
        """
        known = self._known.get(key)
        digest, at = known or self._know(key)
        if self._fd >= 0:
            try:
                _lock(self._fd, _TRY, 1, at)
            except BlockingIOError:
                raise Contended from None
        found = self.buffer.find(digest, at, at + _TAGS)
        if found >= 0 and not (found - at) % _TAG:
            place = (found - at) // _TAG
        else:
            place = self._make(at, digest, key, int(now() * 1000))
        return at, place, at + _ROWS_AT + place * self._row + LABEL

    def leave(self, at: int) -> None:
        """Unlock the set."""
        if self._fd >= 0:
            _lock(self._fd, _UNLOCK, 1, at)

    def _know(self, key: str) -> tuple[bytes, int]:
        """Work out what a key is known by and where its set begins, and remember some of them."""
        data = key.encode("utf-8", "surrogatepass")
        digest = blake2b(data, digest_size=_TAG, key=self._secret).digest()
        at = _PAGE + int.from_bytes(digest[:4], "little") % self._sets * self._set
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[key] = digest, at
        return digest, at

    def _make(self, at: int, digest: bytes, key: str, now: int) -> int:
        """Give a new key a place in its locked set: one that is free, else the shared one."""
        until = _ALL_UNTIL.unpack_from(self.buffer, at + _TAGS)
        place = min(range(_WAYS), key=until.__getitem__)
        if until[place] > now:
            return SHARED
        begins = at + _ROWS_AT + place * self._row + LABEL
        self.buffer[begins : begins + self._row - LABEL] = bytes(self._row - LABEL)
        text = key.encode("utf-8", "replace")[:LABEL].ljust(LABEL, b"\0")
        self.buffer[begins - LABEL : begins] = text
        self.buffer[at + _TAG * place : at + _TAG * (place + 1)] = digest
        return place

    def keep(self, at: int, place: int, until: int) -> None:
        """Say that the row of a locked set counts until then (Unix ms)."""
        if place < SHARED:
            _UNTIL.pack_into(self.buffer, at + _TAGS + 8 * place, until)

    def drop(self, at: int, place: int) -> bool:
        """Forget the row of a locked set, if it counts and is nobody else's too."""
        if place == SHARED or not _UNTIL.unpack_from(self.buffer, at + _TAGS + 8 * place)[0]:
            return False
        self.buffer[at + _TAG * place : at + _TAG * (place + 1)] = bytes(_TAG)
        self.keep(at, place, 0)
        return True

    def rows(self, now: int) -> Iterator[tuple[str, int]]:
        """Give the label and the offset of each row that counts, without a lock: for people."""
        for number in range(self._sets):
            at = _PAGE + number * self._set
            until = _ALL_UNTIL.unpack_from(self.buffer, at + _TAGS)
            for place in range(_WAYS):
                if until[place] > now:
                    begins = at + _ROWS_AT + place * self._row + LABEL
                    label = self.buffer[begins - LABEL : begins].rstrip(b"\0")
                    yield label.decode("utf-8", "replace"), begins

    def _prepare(self) -> bytes:
        """Make the file, once, whichever process comes first; gives its secret."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.lockf(self._fd, _TRY, 1, 0)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Fault("store_down", "another process holds the limits") from None
                time.sleep(0.005)
        try:
            header = os.pread(self._fd, _HEADER.size, 0)
            if len(header) == _HEADER.size:
                magic, row, sets, secret = _HEADER.unpack(header)
                if (magic, row, sets) == (_MAGIC, self._row, self._sets):
                    return bytes(secret)
            secret = os.urandom(16)
            os.ftruncate(self._fd, 0)
            # Reserved now: a full disk would else kill whoever writes into the mapping.
            os.posix_fallocate(self._fd, 0, self._size)
            os.pwrite(self._fd, _HEADER.pack(_MAGIC, self._row, self._sets, secret), 0)
            return secret
        finally:
            fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, 0)
