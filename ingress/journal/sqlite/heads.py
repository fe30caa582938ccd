"""What is known of the records of a pack without a look into them: columns of numbers."""

import sys
from array import array
from collections.abc import Sequence
from typing import Final

import msgspec

from ingress.journal.entry import Entry
from ingress.journal.record import JournalError

_encode: Final = msgspec.msgpack.Encoder().encode
_Stored = tuple[bytes, bytes, bytes, bytes, bytes, list[str]]
_decode: Final = msgspec.msgpack.Decoder(_Stored).decode


class Heads:
    """Columns of a pack, one entry a record, in order of ``started``.

    ``started`` is in Unix milliseconds and ``durations`` in microseconds; ``ends`` says where each
    record ends in the pack's bodies, in bytes. ``kinds`` are numbers of kinds. ``askers`` are those
    who asked, each once, and ``whose`` which of them it was.
    """

    __slots__ = ("askers", "durations", "ends", "kinds", "started", "whose")

    def __init__(
        self,
        started: Sequence[int],
        durations: Sequence[int],
        ends: Sequence[int],
        kinds: Sequence[int],
        whose: Sequence[int],
        askers: Sequence[str],
    ) -> None:
        self.started = started
        self.durations = durations
        self.ends = ends
        self.kinds = kinds
        self.whose = whose
        self.askers = askers

    def __repr__(self) -> str:
        return f"<Heads of {len(self.started)}>"

    def body(self, bodies: bytes, at: int) -> bytes:
        """Cut one record out of the bodies."""
        return bodies[self.ends[at - 1] if at else 0 : self.ends[at]]


def of(entries: list[Entry], kinds: list[int]) -> Heads:
    """Make the columns of records, which are in order of ``started``; each has its kind."""
    started: list[int] = []
    durations: list[int] = []
    ends: list[int] = []
    whose: list[int] = []
    numbers: dict[str, int] = {}
    end = 0
    for one in entries:
        started.append(one.started)
        durations.append(one.duration_us)
        end += len(one.stored)
        ends.append(end)
        whose.append(numbers.setdefault(one.asker, len(numbers)))
    return Heads(started, durations, ends, kinds, whose, list(numbers))


def write(heads: Heads) -> bytes:
    """Write the columns as they are stored, little-endian."""
    columns = (
        _bytes("q", heads.started),
        _bytes("q", heads.durations),
        _bytes("I", heads.ends),
        _bytes("I", heads.kinds),
        _bytes("H", heads.whose),
    )
    return _encode((*columns, heads.askers))


def read(data: bytes) -> Heads:
    """Read stored columns. Raises ``JournalError`` for what is damaged."""
    try:
        started, durations, ends, kinds, whose, askers = _decode(data)
        columns = (
            _numbers("q", started),
            _numbers("q", durations),
            _numbers("I", ends),
            _numbers("I", kinds),
            _numbers("H", whose),
        )
    except (msgspec.DecodeError, ValueError) as error:
        raise JournalError(f"a pack of records is damaged: {error}") from None
    return Heads(*columns, askers)


def _bytes(kind: str, numbers: Sequence[int]) -> bytes:
    return _little(array(kind, numbers)).tobytes()


def _numbers(kind: str, data: bytes) -> Sequence[int]:
    return _little(array(kind, data))


def _little(numbers: "array[int]") -> "array[int]":
    """Turn the bytes round on a machine that is not little-endian."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
