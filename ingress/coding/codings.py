"""gzip, br and zstd, both ways; what comes out of decoding is bounded before it is there.

A body of a kilobyte can stand for a gigabyte. So a decoder is asked for so many bytes and no more,
and stops at the first one too many.
"""

import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Final, Literal

import brotli
import msgspec

from contracts.fault import Fault

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Coding = Literal["gzip", "br", "zstd"]

CODINGS: Final[tuple[Coding, ...]] = ("zstd", "br", "gzip")
"""The best first: smaller for the same time."""

FREE: Final = 64 * 1024
"""Bytes that any body may become, whatever its ratio: a bomb has to be larger than that."""

# RFC 9659: who decodes zstd for HTTP need not hold more than 8 MiB.
_ZSTD_WINDOW: Final = 23
_GZIP: Final = 16 + zlib.MAX_WBITS
# Levels at which a kilobyte costs about as much as parsing it: the answer is waiting.
_GZIP_LEVEL, _BROTLI_QUALITY, _ZSTD_LEVEL = 5, 4, 3
_CHUNK: Final = 64 * 1024
# Each part of a gzip or zstd body has a header of its own, and costs a decoder.
_MOST_PARTS: Final = 100


class Bounds(msgspec.Struct, frozen=True):
    """How far a body may expand: ``most`` bytes, and ``ratio`` times its own size.

    The ratio counts above :data:`FREE` bytes.
    """

    most: int
    ratio: int

    def of(self, body: bytes) -> int:
        """Give the bytes that this body may become."""
        return min(self.most, max(FREE, len(body) * self.ratio))


def name_of(coding: str) -> Coding | None:
    """Give the coding of a Content-Encoding, ``None`` for what is not known here."""
    # RFC 9110 section 8.4.1.3: x-gzip is the same.
    known: Mapping[str, Coding] = {"gzip": "gzip", "x-gzip": "gzip", "br": "br", "zstd": "zstd"}
    return known.get(coding.strip().lower())


def encode(coding: Coding, body: bytes) -> bytes:
    """Make a body smaller."""
    if coding == "gzip":
        packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP)
        return packer.compress(body) + packer.flush()
    if coding == "br":
        return bytes(brotli.compress(body, quality=_BROTLI_QUALITY))
    return zstd.compress(body, _ZSTD_LEVEL)


def decode(coding: Coding, body: bytes, bounds: Bounds) -> bytes:
    """Make a body itself again.

    Raises Fault ``too_large`` for one that would be larger than its bounds, before it is, and
    ``invalid_request`` for one that is not of its coding, or ends too early or late.
    """
    most = bounds.of(body)
    try:
        whole = _DECODERS[coding](body, most)
    except (zlib.error, brotli.error, zstd.ZstdError, EOFError):
        raise Fault("invalid_request", f"the body is not {coding}") from None
    if whole is None:
        limit = "that much" if most < bounds.most else f"{bounds.most} bytes"
        raise Fault("too_large", f"the body would expand to more than {limit}", limit=most)
    return whole


def _gzip(body: bytes, most: int) -> bytes | None:
    def part(data: bytes, room: int) -> tuple[bytes, bytes]:
        decoder = zlib.decompressobj(_GZIP)
        found = decoder.decompress(data, room)
        if not decoder.eof and len(found) < room:
            raise EOFError
        return found, decoder.unused_data

    return _parts(body, most, part)


def _zstd(body: bytes, most: int) -> bytes | None:
    def part(data: bytes, room: int) -> tuple[bytes, bytes]:
        options = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW}
        decoder = zstd.ZstdDecompressor(options=options)
        found = decoder.decompress(data, room)
        if not decoder.eof and len(found) < room:
            raise EOFError
        return found, decoder.unused_data

    return _parts(body, most, part)


def _parts(
    body: bytes, most: int, part: Callable[[bytes, int], tuple[bytes, bytes]]
) -> bytes | None:
    """Decode one part after another (RFC 1952 section 2.2, RFC 8878 section 3.1)."""
    whole: list[bytes] = []
    size = 0
    for _ in range(_MOST_PARTS):
        found, body = part(body, most - size + 1)
        whole.append(found)
        size += len(found)
        if size > most:
            return None
        if not body:
            return whole[0] if len(whole) == 1 else b"".join(whole)
    raise EOFError


def _br(body: bytes, most: int) -> bytes | None:
    decoder = brotli.Decompressor()
    whole: list[bytes] = []
    size = 0
    while not decoder.is_finished():
        found = decoder.process(body, output_buffer_limit=min(_CHUNK, most - size + 1))
        body = b""
        whole.append(found)
        size += len(found)
        if size > most:
            return None
        if not found and decoder.can_accept_more_data() and not decoder.is_finished():
            # It wants more, and there is none.
            raise EOFError
    return b"".join(whole)


_DECODERS: Final[Mapping[Coding, Callable[[bytes, int], bytes | None]]] = {
    "gzip": _gzip,
    "br": _br,
    "zstd": _zstd,
}
