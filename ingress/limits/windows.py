"""How calls are counted: in any window that slides, or in days and months of the calendar.

Each kind works on its own bytes in a buffer that all processes share, and does nothing but
arithmetic: who calls it holds the lock. ``look`` says how it stands, ``take`` counts one call.

**Sliding** keeps the moment of each of the last calls (a sliding window log), so that no more than
``calls`` pass in *any* window of that length, and exactly so many when more come: a fixed window
would let twice as many pass around its edge, and a token bucket (GCRA) in its first window. The
log is a ring of ``GRAINS`` moments at the most; of larger limits each stands for several calls,
with the moment of the last of them. So a limit is never exceeded, the work is the same for any
limit, and of limits above ``GRAINS`` one part in ``GRAINS`` is given back late at the most.

See docs/decisions/ (limits) for what else was considered.
"""

import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from mmap import mmap
from types import MappingProxyType
from typing import Final, Protocol

from ingress.limits.rate import Rate

GRAINS: Final = 64
# A clock that is behind by less than this is another process's, read a moment before.
_JITTER: Final = 1000

Buffer = mmap | bytearray


Count = tuple[int, int, int, int, int, int]
"""How a window stands: calls in it, the milliseconds until some are given back, and its own."""

Draw = Callable[[Buffer, int, int, memoryview, int], tuple[int, int] | None]
"""What ``Window.draw`` is."""


class Window(Protocol):
    """One way to count, and how much is allowed. Times are in Unix milliseconds.

    ``id`` tells it from others of the same limit; ``told`` begins its item of RateLimit. ``code``
    is the fault of who wants more, ``seconds`` the length (0: it varies), ``lasts`` the longest in
    ms, ``size`` the bytes that it needs.
    """

    id: str
    name: str
    told: str
    calls: int
    code: str
    seconds: int
    lasts: int
    size: int

    def look(self, buffer: Buffer, at: int, now: int) -> Count:
        """Say how it stands; changes nothing that matters."""
        ...

    def take(self, buffer: Buffer, at: int, now: int, count: Count) -> int:
        """Count one call more, after ``look`` at the same moment; gives when all is forgotten."""
        ...

    def draw(
        self, buffer: Buffer, at: int, now: int, words: memoryview, until: int
    ) -> tuple[int, int] | None:
        """Look, and count one call more if it may pass: both in one go, for most calls.

        Gives the calls that are left, and the seconds until there are more, as RateLimit tells
        them; ``None`` when no call may pass. When all is forgotten is written to ``words[until]``.
        """
        ...


class Sliding:
    """At most ``rate.calls`` in any ``rate.seconds`` seconds. See the module's text."""

    code = "rate_limited"
    # signature, closed grains, the first of them, calls in the open one, moment of the last call
    _HEAD = struct.Struct("<IHHIQ")
    _SLOT = struct.Struct("<I")
    _read, _write = _HEAD.unpack_from, _HEAD.pack_into
    # The moment of a grain, behind the head.
    _moment = struct.Struct(f"<{_HEAD.size}xI").unpack_from
    LARGEST = _HEAD.size + _SLOT.size * GRAINS

    def __init__(self, name: str, rate: Rate, *, roomy: bool = False) -> None:
        """``roomy`` takes the room of the largest, for bytes that may be another's later."""
        self.id = str(rate)
        self.name = name
        self.told = f'"{name}";r='
        self.calls = rate.calls
        self.seconds = rate.seconds
        self.grain = -(-rate.calls // GRAINS)
        self.length = self.lasts = rate.seconds * 1000
        self.slots = -(-rate.calls // self.grain)
        # The last grain holds fewer: so that who comes up to the limit has closed all of them, and
        # none is left open whose calls would be taken for later ones.
        self._short = self.slots * self.grain - rate.calls
        self._least = self.grain - self._short
        self._signature = zlib.crc32(f"sliding {rate}".encode())
        self.size = self.LARGEST if roomy else self._HEAD.size + 4 * self.slots

    def __repr__(self) -> str:
        return f"<Sliding {self.name} {self.calls} in {self.seconds} s>"

    def look(self, buffer: Buffer, at: int, now: int) -> Count:
        signature, closed, first, opened, newest = self._read(buffer, at)
        length = self.length
        if signature != self._signature:
            return 0, length, 0, 0, 0, 0
        if now < newest:
            if newest - now > _JITTER:
                self._set_back(buffer, at, now, closed, first, opened)
            else:
                now = newest
            newest = now
        age = now - newest
        if age > length:
            return 0, length, 0, 0, 0, 0
        if closed:
            slot, ring = at + self._HEAD.size, self.slots
            unpack = self._SLOT.unpack_from
            while closed:
                oldest = (now - unpack(buffer, slot + 4 * first)[0]) & 0xFFFFFFFF
                if oldest <= length:
                    age = oldest
                    break
                first = (first + 1) % ring
                closed -= 1
            if closed and first + closed >= ring:
                used = closed * self.grain + opened - self._short
                return used, length - age + 1, closed, first, opened, newest
        used = closed * self.grain + opened
        return used, length - age + 1 if used else length, closed, first, opened, newest

    def take(self, buffer: Buffer, at: int, now: int, count: Count) -> int:
        _, _, closed, first, opened, newest = count
        now = now if now > newest else newest  # noqa: FURB136 - max costs more
        opened += 1
        if opened >= self._least and self._closes(buffer, at, now, first + closed, opened):
            closed, opened = closed + 1, 0
        self._write(buffer, at, self._signature, closed, first, opened, now)
        return now + self.length

    def draw(
        self, buffer: Buffer, at: int, now: int, words: memoryview, until: int
    ) -> tuple[int, int] | None:
        signature, closed, first, opened, newest = self._read(buffer, at)
        age, length = now - newest, self.length
        if signature != self._signature or not 0 <= age <= length:
            return self._draw(buffer, at, now, words, until)
        used = opened
        if closed:
            # Of the oldest grain; when it has left the window there may be others that did.
            age = (now - self._moment(buffer, at + 4 * first)[0]) & 0xFFFFFFFF
            if age > length:
                return self._draw(buffer, at, now, words, until)
            used += closed * self.grain
            if first + closed >= self.slots:
                used -= self._short
        left = self.calls - used - 1
        if left < 0:
            return None
        opened += 1
        if opened >= self._least and self._closes(buffer, at, now, first + closed, opened):
            closed, opened = closed + 1, 0
        self._write(buffer, at, signature, closed, first, opened, now)
        words[until] = now + length
        # Not the millisecond beyond the window's length.
        return left, (length - age) // 1000 + 1 if used and age else self.seconds

    def _draw(
        self, buffer: Buffer, at: int, now: int, words: memoryview, until: int
    ) -> tuple[int, int] | None:
        """Draw where some of what was counted is over, or the clock was set back."""
        count = self.look(buffer, at, now)
        left = self.calls - count[0] - 1
        if left < 0:
            return None
        words[until] = self.take(buffer, at, now, count)
        return left, min((count[1] + 999) // 1000, self.seconds)

    def _closes(self, buffer: Buffer, at: int, now: int, place: int, opened: int) -> bool:
        """Close the open grain if it is full: note its moment."""
        place %= self.slots
        if opened != (self.grain if place < self.slots - 1 else self._least):
            return False
        self._SLOT.pack_into(buffer, at + self._HEAD.size + 4 * place, now & 0xFFFFFFFF)
        return True

    def _set_back(
        self, buffer: Buffer, at: int, now: int, closed: int, first: int, opened: int
    ) -> None:
        """The clock was set back: take all that is in the window for calls of this moment.

        So no more pass than in any window of real time, and nobody waits longer than one.
        """
        slot = at + self._HEAD.size
        for number in range(closed):
            place = (first + number) % self.slots
            self._SLOT.pack_into(buffer, slot + 4 * place, now & 0xFFFFFFFF)
        self._HEAD.pack_into(buffer, at, self._signature, closed, first, opened, now)


class Calendar:
    """At most ``calls`` in each day or month of the calendar, in UTC."""

    code = "quota_exceeded"
    _HEAD = struct.Struct("<IIIQ")
    _read, _write = _HEAD.unpack_from, _HEAD.pack_into
    size = _HEAD.size
    BEGINS: Final = MappingProxyType({"day": 0, "month": size})

    def __init__(self, name: str, calls: int, unit: str) -> None:
        """``unit`` is ``day`` or ``month``."""
        self.id = unit
        self.name = name
        self.told = f'"{name}";r='
        self.calls = calls
        self.lasts = 86_400_000 if unit == "day" else 31 * 86_400_000
        # Months differ; the time that is left tells more.
        self.seconds = 86_400 if unit == "day" else 0
        self._signature = zlib.crc32(f"calendar {unit}".encode())
        # The period that was asked for last.
        self._begins = self._ends = 0

    def __repr__(self) -> str:
        return f"<Calendar {self.name} {self.calls} a {self.id}>"

    def look(self, buffer: Buffer, at: int, now: int) -> Count:
        signature, used, _, ends = self._read(buffer, at)
        end = self._ends if self._begins <= now < self._ends else self.end(now)
        if signature != self._signature or ends <= now:
            used = 0
        # After a clock that was set back `ends` may be later: what was used stays used, till then.
        return used, end - now, end, 0, 0, 0

    def take(self, buffer: Buffer, at: int, now: int, count: Count) -> int:  # noqa: ARG002
        self._write(buffer, at, self._signature, count[0] + 1, 0, count[2])
        return count[2]

    def draw(
        self, buffer: Buffer, at: int, now: int, words: memoryview, until: int
    ) -> tuple[int, int] | None:
        signature, used, _, ends = self._read(buffer, at)
        end = self._ends if self._begins <= now < self._ends else self.end(now)
        if signature != self._signature or ends <= now:
            used = 0
        left = self.calls - used - 1
        if left < 0:
            return None
        self._write(buffer, at, self._signature, used + 1, 0, end)
        words[until] = end
        return left, (end - now + 999) // 1000

    def end(self, now: int) -> int:
        """Give the moment at which the period ends that ``now`` is in."""
        if not self._begins <= now < self._ends:
            first = datetime.fromtimestamp(now / 1000, UTC).replace(
                hour=0, minute=0, second=0, microsecond=0
            )
            following = first + timedelta(days=1)
            if self.id == "month":
                first = first.replace(day=1)
                # The 32nd of any month is in the next one.
                following = (first + timedelta(days=31)).replace(day=1)
            self._begins = int(first.timestamp()) * 1000
            self._ends = int(following.timestamp()) * 1000
        return self._ends
