import gzip
import subprocess
import sys
import zlib
from typing import Any

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from contracts.fault import Fault
from ingress.coding.codings import CODINGS, FREE, Bounds, Coding, decode, encode, name_of

WIDE = Bounds(most=1_000_000, ratio=10_000)


def refusal(coding: Coding, body: bytes, bounds: Bounds = WIDE) -> Fault:
    with pytest.raises(Fault) as caught:
        decode(coding, body, bounds)
    return caught.value


@given(st.binary(max_size=500), st.sampled_from(CODINGS))
def test_what_was_encoded_is_decoded(body: bytes, coding: Coding) -> None:
    """Each coding gives back what it was given."""
    assert decode(coding, encode(coding, body), WIDE) == body


def test_others_read_what_is_written_and_write_what_is_read() -> None:
    """The formats are those of gzip, br and zstd, with several parts in one body."""
    assert gzip.decompress(encode("gzip", b"a" * 99)) == b"a" * 99
    assert brotli.decompress(encode("br", b"a" * 99)) == b"a" * 99
    assert zstd.decompress(encode("zstd", b"a" * 99)) == b"a" * 99
    assert decode("gzip", gzip.compress(b"a") + gzip.compress(b"b"), WIDE) == b"ab"
    assert decode("zstd", zstd.compress(b"a") + zstd.compress(b"b"), WIDE) == b"ab"


@pytest.mark.parametrize("coding", CODINGS)
def test_a_body_may_be_as_large_as_its_bounds_and_no_larger(coding: Coding) -> None:
    """To the byte."""
    packed = encode(coding, b"x" * 100_000)
    assert len(decode(coding, packed, Bounds(most=100_000, ratio=10_000))) == 100_000
    fault = refusal(coding, packed, Bounds(most=99_999, ratio=10_000))
    assert (fault.code, fault.status) == ("too_large", 413)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_ratio_bounds_what_is_small_and_becomes_large(coding: Coding) -> None:
    """But any body may become 64 KiB."""
    bounds = Bounds(most=10_000_000, ratio=10)
    assert decode(coding, encode(coding, b"x" * FREE), bounds)
    assert refusal(coding, encode(coding, b"x" * (FREE + 1)), bounds).code == "too_large"
    assert decode(coding, encode(coding, bytes(range(256)) * 2), bounds)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("spoil", ["garbage", "cut", "trailing", "empty"])
def test_garbage_is_400(coding: Coding, spoil: str) -> None:
    """What is none, ends too early, or goes on."""
    good = encode(coding, b"hello, hello, hello")
    body = {"garbage": b"garbage!", "cut": good[:-3], "trailing": good + b"zz", "empty": b""}[spoil]
    assert refusal(coding, body).code == "invalid_request"


def test_many_empty_parts_are_garbage() -> None:
    """Each costs a decoder, and a megabyte holds fifty thousand."""
    assert refusal("gzip", gzip.compress(b"") * 50_000).code == "invalid_request"


@given(st.binary(max_size=200), st.sampled_from(CODINGS))
def test_any_bytes_are_a_body_or_one_fault(body: bytes, coding: Coding) -> None:
    """Nothing else is raised."""
    try:
        decode(coding, body, WIDE)
    except Fault as fault:
        assert fault.code in {"invalid_request", "too_large"}  # noqa: PT017 - a body is right too


def test_codings_have_their_names() -> None:
    """Without case, and x-gzip is gzip."""
    assert [name_of(name) for name in (" GZip", "x-gzip", "br", "zstd")] == [
        "gzip",
        "gzip",
        "br",
        "zstd",
    ]
    assert name_of("deflate") is None
    assert name_of("gzip, gzip") is None


BOMBS = """
import gzip, resource, sys, time, brotli
from backports import zstd
from contracts.fault import Fault
from ingress.coding.codings import Bounds, decode

zeros = bytes(1 << 20)
def gzipped():
    import zlib
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return b"".join(packer.compress(zeros) for _ in range(256)) + packer.flush()
def zstded():
    packer = zstd.ZstdCompressor(3)
    return b"".join(packer.compress(zeros) for _ in range(256)) + packer.flush()
def broed():
    packer = brotli.Compressor(quality=1)
    return b"".join(packer.process(zeros) for _ in range(256)) + packer.finish()
bombs = {"gzip": gzipped(), "zstd": zstded(), "br": broed()}
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
for coding, bomb in bombs.items():
    assert len(bomb) < 2 << 20
    try:
        decode(coding, bomb, Bounds(most=1 << 20, ratio=10_000))
    except Fault as fault:
        print(coding, fault.status, peak() - before)
"""


def test_what_a_bomb_stands_for_is_never_there() -> None:
    """256 MiB are 413 when the first byte too many came out, and memory does not grow."""
    ended = subprocess.run(
        [sys.executable, "-c", BOMBS], capture_output=True, text=True, check=True
    )
    told = [line.split() for line in ended.stdout.splitlines()]
    assert [(coding, status) for coding, status, _ in told] == [
        ("gzip", "413"),
        ("zstd", "413"),
        ("br", "413"),
    ]
    assert all(int(grown) < 32 for _, _, grown in told), told


def test_a_bad_checksum_is_garbage() -> None:
    """The bytes are not those that were sent."""
    packed = bytearray(encode("gzip", b"hello"))
    packed[-5] ^= 1
    with pytest.raises(zlib.error):
        zlib.decompress(bytes(packed), 31)
    kind: Any = "gzip"
    assert refusal(kind, bytes(packed)).code == "invalid_request"
