"""A table of counters that the processes of one machine share: a file, mapped into memory.

A row belongs to one key. Where it stands follows from a keyed hash: ``_WAYS`` rows are a set, and a
key's row is somewhere in its set, so that finding it is one search in 512 bytes, and mostly none:
a process remembers where it was. Who works on a row holds its lock (``locks``), which all keys of
its set have in common.

The table never grows. A key that finds its set full of rows that still count takes the row at its
end, which all those share: whoever invents keys to push others out only comes to share one count
with others like it, and no count is ever lost.
"""

import mmap
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ingress.limits.locks import DIGEST, STRIPES, Locks

_MAGIC: Final = b"qglimit2"
_HEADER: Final = struct.Struct(f"<8sII{DIGEST}s")
_PAGE: Final = 4096
_WAYS: Final = 32
_SHARED: Final = _WAYS
_TAGS: Final = _WAYS * DIGEST
# When a row may be another's, in Unix ms. That of the shared one is never read.
_ALL_UNTIL: Final = struct.Struct(f"={_WAYS}Q")
_WORD: Final = struct.Struct("=Q")
_ROWS_AT: Final = _TAGS + _ALL_UNTIL.size + _WORD.size
LABEL: Final = 96
# Keys whose rows are kept at hand, in each process.
_REMEMBERED: Final = 4096


class Row:
    """A key's row, as a process remembers it.

    ``stripe`` is the number of its lock. ``begins`` says where its bytes are, as ``find`` saw it
    last: it is there still if ``half`` of its digest stands in the table's ``words`` at ``tag``.
    The word ``until`` says how long the row counts (Unix ms); who counts in it writes it.
    ``shared`` says that it is that of all who found none of their own.
    """

    __slots__ = ("at", "begins", "digest", "half", "key", "shared", "stripe", "tag", "until")

    def __init__(self, key: str, digest: bytes, at: int, stripe: int) -> None:
        self.key = key
        self.digest = digest
        self.at = at
        self.stripe = stripe
        self.half = _WORD.unpack_from(digest)[0]
        self.tag = self.begins = self.until = 0
        self.shared = False

    def __repr__(self) -> str:
        return f"<Row of {self.key} at {self.begins}>"


class Table:
    """Rows by key: ``row = table.row(key)``, lock it, ``table.find(row, now)``, work, unlock it.

    ``row_size`` is in bytes, ``max_keys`` how many keys there is ample room for. Without a ``path``
    it is this process's own. ``OSError`` when the file cannot be made.
    """

    def __init__(self, path: Path | None, row_size: int, max_keys: int, locks: Locks) -> None:
        # All that is looked at as a word begins at one.
        self._row = LABEL + -(-row_size // _WORD.size) * _WORD.size
        self._set = _ROWS_AT + (_WAYS + 1) * self._row
        self._sets = _sets(max_keys)
        self._size = _PAGE + self._sets * self._set
        self.locks = locks
        self.known: dict[str, Row] = {}
        self._fd = -1
        if path is None:
            self.buffer = mmap.mmap(-1, self._size)
        else:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with locks.making():
                self._prepare()
            self.buffer = mmap.mmap(self._fd, self._size)
        self.words = memoryview(self.buffer).cast("Q")

    def close(self) -> None:
        """Let go of it; what is in the file stays."""
        self.words.release()
        self.buffer.close()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __repr__(self) -> str:
        return f"<Table {self._sets * _WAYS} rows of {self._row} bytes>"

    def row(self, key: str) -> Row:
        """Work out where a key's row is to be looked for, and remember some of them."""
        digest = self.locks.digest(key)
        number = int.from_bytes(digest[:4], "little")
        at = _PAGE + number % self._sets * self._set
        row = Row(key, digest, at, 1 + number % min(self._sets, STRIPES))
        if len(self.known) >= _REMEMBERED:
            self.known.clear()
        self.known[key] = row
        return row

    def find(self, row: Row, now: int) -> None:
        """Find a row that is locked, or make it; ``now`` in Unix ms."""
        at, digest = row.at, row.digest
        found = self.buffer.find(digest, at, at + _TAGS)
        if found >= 0 and not (found - at) % DIGEST:
            place = (found - at) // DIGEST
        else:
            place = self._make(row, now)
        row.shared = place == _SHARED
        # The digest stands nowhere for the shared row, so each call looks for it anew.
        row.tag = (at + DIGEST * place) // _WORD.size
        row.until = (at + _TAGS) // _WORD.size + place
        row.begins = at + _ROWS_AT + place * self._row + LABEL

    def drop(self, row: Row) -> bool:
        """Forget a row that was found, if it counts and is nobody else's too."""
        if row.shared or not self.words[row.until]:
            return False
        self.words[row.tag] = self.words[row.tag + 1] = self.words[row.until] = 0
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

    def _make(self, row: Row, now: int) -> int:
        """Give a new key a place in its set: one that is free, else the shared one."""
        at, buffer = row.at, self.buffer
        until = _ALL_UNTIL.unpack_from(buffer, at + _TAGS)
        place = min(range(_WAYS), key=until.__getitem__)
        if until[place] > now:
            return _SHARED
        begins = at + _ROWS_AT + place * self._row + LABEL
        buffer[begins : begins + self._row - LABEL] = bytes(self._row - LABEL)
        label = row.key.encode("utf-8", "replace")[:LABEL].ljust(LABEL, b"\0")
        buffer[begins - LABEL : begins] = label
        buffer[at + DIGEST * place : at + DIGEST * (place + 1)] = row.digest
        return place

    def _prepare(self) -> None:
        """Make the file, unless another process has."""
        header = _HEADER.pack(_MAGIC, self._row, self._sets, self.locks.digest(""))
        if os.pread(self._fd, _HEADER.size, 0) != header:
            os.ftruncate(self._fd, 0)
            # Reserved now: a full disk would else kill whoever writes into the mapping.
            os.posix_fallocate(self._fd, 0, self._size)
            os.pwrite(self._fd, header, 0)


def _sets(max_keys: int) -> int:
    """Give the number of sets: twice the room, so that no set is full long before all are.

    So that keys of one set have one lock, the locks divide them, or they divide the locks.
    """
    sets = -(-2 * max_keys // _WAYS)
    if sets > STRIPES:
        return -(-sets // STRIPES) * STRIPES
    return 1 << max(0, sets - 1).bit_length()
