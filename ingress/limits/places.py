"""Calls at a time: how many each process has on their way, in the bytes of a row."""

import struct
from typing import Final

from ingress.limits.processes import MOST, Processes
from ingress.limits.windows import Buffer

_TOTAL: Final = struct.Struct("<I")
_ENTRY: Final = struct.Struct("<II")
_ENTRIES: Final = struct.Struct(f"<{2 * MOST}I")

SIZE: Final = _TOTAL.size + _ENTRIES.size


def total(buffer: Buffer, at: int) -> int:
    """Say how many calls a row holds, those of killed processes too: for people."""
    return int(_TOTAL.unpack_from(buffer, at)[0])


class Places:
    """Counts calls under the lock of their row.

    The total is right or too high: what a process held that was killed is found out when the total
    says that there is no place left.
    """

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._mine = _TOTAL.size + processes.number * _ENTRY.size

    def __repr__(self) -> str:
        return f"<Places of {self._processes!r}>"

    def used(self, buffer: Buffer, at: int, most: int) -> int:
        """Say how many are on their way; asks who lives only if there are ``most``."""
        (total,) = _TOTAL.unpack_from(buffer, at)
        return total if total < most else self._recount(buffer, at)

    def take(self, buffer: Buffer, at: int) -> None:
        """One call more of this process."""
        self._add(buffer, at, 1)

    def give_back(self, buffer: Buffer, at: int) -> None:
        """One less."""
        self._add(buffer, at, -1)

    def _add(self, buffer: Buffer, at: int, calls: int) -> None:
        mine = at + self._mine
        epoch, count = _ENTRY.unpack_from(buffer, mine)
        if epoch != self._processes.epoch:
            # Somebody had this number before, and may have been killed.
            _ENTRY.pack_into(buffer, mine, self._processes.epoch, 0)
            count = 0
            self._recount(buffer, at)
        (total,) = _TOTAL.unpack_from(buffer, at)
        _ENTRY.pack_into(buffer, mine, self._processes.epoch, max(0, count + calls))
        _TOTAL.pack_into(buffer, at, max(0, total + calls))

    def _recount(self, buffer: Buffer, at: int) -> int:
        """Forget what dead processes held; gives what is left."""
        words = _ENTRIES.unpack_from(buffer, at + _TOTAL.size)
        total = 0
        for number, (epoch, count) in enumerate(zip(words[::2], words[1::2], strict=True)):
            if not count:
                continue
            if self._processes.living(number) == epoch:
                total += count
            else:
                _ENTRY.pack_into(buffer, at + _TOTAL.size + number * _ENTRY.size, 0, 0)
        _TOTAL.pack_into(buffer, at, total)
        return total
