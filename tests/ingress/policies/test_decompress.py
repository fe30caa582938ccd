import inspect

import pytest

from contracts.fault import Fault
from ingress.coding.codings import CODINGS, Bounds, Coding, encode
from ingress.policies.decompress import Decompress, build
from tests.ingress.policies.asked import Asked

POLICY = Decompress(CODINGS, Bounds(most=1_000_000, ratio=100))


async def admitted(asked: Asked, policy: Decompress = POLICY) -> Asked:
    answer = policy.admit(asked)
    if inspect.isawaitable(answer):
        answer = await answer
    assert answer is None
    return asked


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("size", [1, 500, 200_000])
async def test_a_compressed_body_becomes_itself(coding: Coding, size: int) -> None:
    """The worker gets it plain, and no field that speaks of the coding; large ones off the loop."""
    body = b"".join(b"%d," % (index * index) for index in range(size // 5 + 1))
    asked = Asked(
        encode(coding, body), content_encoding=coding, content_length="9", content_type="text/plain"
    )
    await admitted(asked)
    assert asked.call.body == body
    assert asked.call.headers == (("content-type", "text/plain"),)


async def test_a_plain_body_is_left_alone() -> None:
    """With or without the word for it."""
    for headers in ({}, {"content_encoding": "Identity"}):
        asked = Asked(b"{}", **headers)
        before = asked.call
        assert (await admitted(asked)).call is before


async def test_no_body_is_none_in_any_coding() -> None:
    """A GET that says gzip all the same passes."""
    assert (await admitted(Asked(b"", content_encoding="gzip"))).call.body == b""


@pytest.mark.parametrize("coding", ["deflate", "gzip, br", "compress", ";"])
async def test_another_coding_is_415_and_told_what_is_taken(coding: str) -> None:
    """By Accept-Encoding (RFC 9110 section 15.5.16)."""
    with pytest.raises(Fault) as caught:
        await admitted(Asked(b"x", content_encoding=coding))
    assert caught.value.code == "unsupported_media_type"
    assert caught.value.headers == (("accept-encoding", "zstd, br, gzip"),)


async def test_a_bomb_is_413_and_garbage_400() -> None:
    """Small ones at once and large ones in a thread."""
    for body, code in [
        (encode("gzip", b"0" * 900_000), "too_large"),
        (encode("gzip", bytes(range(256)) * 80) + encode("gzip", b"0" * 20_000_000), "too_large"),
        (b"x" * 20_000, "invalid_request"),
    ]:
        with pytest.raises(Fault) as caught:
            await admitted(Asked(body, content_encoding="gzip"))
        assert caught.value.code == code


def test_it_is_there_only_where_a_route_asks() -> None:
    """What it may become is bounded by max_body, whoever said that."""
    assert build({}) is None
    assert build({"decompress": "off"}) is None
    built = build({"decompress": {"codings": ("gzip",), "ratio": 9}, "body_limit": 5})
    assert built is not None
    assert built.settings() == {"codings": ["gzip"], "ratio": 9, "max_body": 5}
