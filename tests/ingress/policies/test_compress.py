import asyncio
import threading

import pytest

from contracts.call import Reply
from ingress.coding.codings import CODINGS, Bounds, Coding, decode, encode
from ingress.policies import compress
from ingress.policies.compress import Compress, build
from tests.ingress.policies.asked import Asked

POLICY = Compress(CODINGS, min_size=100, media=("application/json", "text/*"))
BODY = b'{"a": [' + b"1, " * 300 + b"1]}"
LARGE = b"".join(b"%d," % (index * index) for index in range(20_000))


def reply(body: bytes = BODY, kind: str = "application/json", **headers: str) -> Reply:
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(headers=(("content-type", kind), *fields), body=body)


async def settled(given: Reply, accept: str = "gzip", status: int = 200) -> Asked:
    asked = Asked(accept_encoding=accept)
    asked.reply = given
    assert POLICY.admit(asked) is None
    later = POLICY.settle(asked)
    if later is not None:
        await later()
    return asked


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("body", [BODY, LARGE])
async def test_a_reply_is_encoded_as_the_client_asks(coding: Coding, body: bytes) -> None:
    """Large ones in a thread; caches are told what it depends on."""
    asked = await settled(reply(body), coding)
    assert asked.reply is not None
    assert asked.reply.header("content-encoding") == coding
    assert len(asked.reply.body) < len(body)
    assert decode(coding, asked.reply.body, Bounds(most=10_000_000, ratio=10_000)) == body
    assert asked.headers == [("vary", "accept-encoding")]


async def test_what_does_not_get_smaller_in_time_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all threads are taken, say: the answer goes out as it is."""
    monkeypatch.setattr(compress, "_PATIENCE", 0.01)
    go = threading.Event()

    def slow(coding: Coding, body: bytes) -> bytes:
        go.wait(5)
        return encode(coding, body)

    monkeypatch.setattr(compress, "encode", slow)
    given = reply(LARGE)
    asked = await asyncio.wait_for(settled(given), 5)
    go.set()
    assert asked.reply is given


async def test_a_client_that_does_not_ask_gets_it_as_it_is() -> None:
    """But caches are told all the same, since another would get it otherwise."""
    given = reply()
    asked = await settled(given, "")
    assert asked.reply is given
    assert asked.headers == [("vary", "accept-encoding")]


@pytest.mark.parametrize(
    "given",
    [
        reply(b"{}"),
        reply(kind="image/png"),
        reply(kind=""),
        reply(content_encoding="br"),
        reply(cache_control="public, No-Transform"),
        Reply(status=206, headers=(("content-type", "text/plain"),), body=BODY),
        Reply(status=304, headers=(("content-type", "text/plain"),), body=BODY),
    ],
)
async def test_what_does_not_pay_or_may_not_be_changed_is_left_alone(given: Reply) -> None:
    """Small bodies, other types, encoded ones, parts, and what says no-transform."""
    asked = await settled(given)
    assert asked.reply is given
    assert asked.headers == []


async def test_what_does_not_get_smaller_stays() -> None:
    """Random bytes that say that they are text."""
    given = reply(_noise(200))
    assert (await settled(given)).reply is given


async def test_the_entity_tag_says_that_the_bytes_are_others() -> None:
    """A strong one becomes weak; what counts in bytes goes."""
    given = reply(etag='"abc"', accept_ranges="bytes", content_length="5")
    asked = await settled(given)
    assert asked.reply is not None
    assert asked.reply.header("etag") == 'W/"abc"'
    assert not asked.reply.header("accept-ranges")
    weak = (await settled(reply(etag='W/"abc"'))).reply
    assert weak is not None
    assert weak.header("etag") == 'W/"abc"'


async def test_a_fault_is_left_alone() -> None:
    """There is no reply to encode."""
    asked = Asked(accept_encoding="gzip")
    assert POLICY.settle(asked) is None


def test_it_is_there_only_where_a_route_asks() -> None:
    """And waits for its reply."""
    section = {"codings": CODINGS, "min_size": 5, "media": ("text/*",)}
    assert build({}) is None
    assert build({"compress": "off"}) is None
    assert build({"compress": section, "accept": True}) is None
    built = build({"compress": section})
    assert built is not None
    assert built.settings() == {
        "codings": ["zstd", "br", "gzip"],
        "min_size": 5,
        "media": ["text/*"],
    }


def _noise(size: int) -> bytes:
    state, out = 1, bytearray()
    for _ in range(size):
        state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        out.append(state >> 56)
    return bytes(out)
