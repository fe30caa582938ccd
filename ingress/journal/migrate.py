"""Reads a stored record of any version that was ever written.

An old version is lifted step by step, each step from one version to the next, so that a new
version needs one new step and the old ones stay as they were tested.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from ingress.journal.record import VERSION, JournalError, Record

OLDEST: Final = 1
"""The oldest version that can be read."""

Step = Callable[[list[Any]], list[Any]]

# From the version that stands here to the next. The fields are those of the stored array.
STEPS: Final[Mapping[int, Step]] = {}

_decoder: Final = msgspec.msgpack.Decoder(Record)
_plain: Final = msgspec.msgpack.Decoder(list[Any])


def decode(data: bytes) -> Record:
    """Read a stored record. Raises ``JournalError`` for one that is damaged, too old or too new."""
    if data[:1] != _NOW:
        return _lift(data)
    try:
        return _decoder.decode(memoryview(data)[1:])
    except (msgspec.DecodeError, ValueError) as error:
        raise JournalError(f"a record is damaged: {error}") from None


def lift(version: int, fields: list[Any], steps: Mapping[int, Step], to: int) -> list[Any]:
    """Take a record's fields from one version to another, one step each."""
    for number in range(version, to):
        fields = steps[number](fields)
    return fields


_NOW: Final = bytes([VERSION])


def _lift(data: bytes) -> Record:
    version = data[0] if data else 0
    if version > VERSION:
        raise JournalError(
            f"a record has format {version}, and this queuegate reads up to {VERSION}: "
            "read it with the version that wrote it, or a newer one"
        )
    if version < OLDEST:
        raise JournalError(
            f"a record has format {version}, and this queuegate reads from {OLDEST} on: "
            "export it with the version that wrote it (`queuegate log export`)"
        )
    try:
        fields = lift(version, _plain.decode(memoryview(data)[1:]), STEPS, VERSION)
        return msgspec.convert(fields, Record)
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError, LookupError) as error:
        raise JournalError(f"a record of format {version} is damaged: {error}") from None
