"""Many records in one message of a stream: a message costs a hundred times what a record does.

A message is one byte of version and a msgpack array of stored records, since version 2 compressed
with zstd (RFC 8878): records are much alike, and what the broker has to copy, check and write is
its largest part of the price.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from contracts.fault import Fault
from ingress.coding.codings import Bounds
from ingress.coding.codings import decode as decode_from
from ingress.coding.codings import encode as encode_as
from ingress.journal.entry import Entry, Storable, entries
from ingress.journal.migrate import decode as decode_record
from ingress.journal.record import EMPTY, JournalError, encode

VERSION: Final = 2

# Bytes of a message, about; a record may be larger by itself.
_SIZE: Final = 512 * 1024
# As many as the writer has at a time: a flush is one message, unless it is larger than that.
_COUNT: Final = 4000
# RabbitMQ 4 takes no message over 16 MiB.
_LARGEST: Final = 15 * 1024**2

# Bytes that a message may become: some batches' worth, whoever wrote it.
_BOUNDS: Final = Bounds(most=64 * 1024**2, ratio=2**20)

_HEAD: Final = bytes([VERSION])
_PLAIN: Final = b"\x01"
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[bytes]).decode


def pack(records: Sequence[Storable]) -> Iterator[tuple[bytes, int]]:
    """Write records as the bodies of as few messages as they fit into.

    Beside each body stands when the last of its requests ended, in Unix seconds.
    """
    waiting: list[bytes] = []
    size = latest = 0
    for record in entries(records):
        data = record.stored
        if len(data) > _LARGEST:
            data = _bounded(record)
        if waiting and (size + len(data) > _SIZE or len(waiting) == _COUNT):
            yield _HEAD + encode_as("zstd", _encode(waiting)), latest
            waiting, size, latest = [], 0, 0
        waiting.append(data)
        size += len(data)
        latest = max(latest, (record.started + record.duration_us // 1000) // 1000)
    if waiting:
        yield _HEAD + encode_as("zstd", _encode(waiting)), latest


def unpack(body: bytes) -> list[bytes]:
    """Give the stored records of a message. Raises ``JournalError`` for what is none of ours."""
    if body[:1] not in {_HEAD, _PLAIN}:
        raise JournalError("a message of the stream is no batch of records, or of a newer format")
    try:
        packed = decode_from("zstd", body[1:], _BOUNDS) if body[:1] == _HEAD else body[1:]
        return _decode(packed)
    except (msgspec.DecodeError, ValueError, Fault) as error:
        raise JournalError(f"a message of the stream is damaged: {error}") from None


def _bounded(one: Entry) -> bytes:
    """Leave out the content of a record that no message could carry; it says so."""
    record = decode_record(one.stored)
    return encode(msgspec.structs.replace(record, content=EMPTY, key="", cut=("request", "reply")))
