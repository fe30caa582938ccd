from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import shapes
from contracts.brokers.rabbitmq.frames import StructError
from contracts.brokers.rabbitmq.properties import read_properties
from contracts.brokers.rabbitmq.shapes import LEARN_EACH, MAX_SHAPES, ShapesReader
from tests.contracts.brokers.rabbitmq.fakes import content
from tests.contracts.brokers.rabbitmq.strategies import MESSAGES, SHORT

ASKED = Message(
    body=b"x",
    headers={"x-operation": "a.b", "x-attempt": 1, "x-deadline": 1_790_000_000_000},
    content_type="application/msgpack",
    type="req",
    correlation_id="0123-1",
    reply_to="replies",
    message_id="r-1",
    app_id="queuegate",
    timestamp=1_790_000_000,
    expiration_ms=5000,
)
ANSWERED = Message(
    body=b"y",
    headers={"x-worker-us": 12},
    content_type="application/msgpack",
    type="res",
    correlation_id="0123-1",
    message_id="r-1",
)


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learn each shape the first time."""
    monkeypatch.setattr(shapes, "LEARN_EACH", 1)


def with_last(message: Message, value: int) -> Message:
    headers = {**message.headers, list(message.headers)[-1]: value}
    return msgspec.structs.replace(message, headers=headers)


@pytest.mark.parametrize("first", [ASKED, ANSWERED], ids=["request", "reply"])
def test_the_second_of_a_shape_is_read_by_it(
    monkeypatch: pytest.MonkeyPatch, first: Message
) -> None:
    """All that may differ is read anew, and the long way is not taken."""
    reader = ShapesReader()
    assert reader.read(*content(first)) == first
    second = msgspec.structs.replace(
        with_last(first, 2**40),
        body=b"another",
        correlation_id="4567-2",
        message_id="r-2",
        timestamp=first.timestamp and first.timestamp + 1,
        expiration_ms=first.expiration_ms and first.expiration_ms - 1,
    )
    monkeypatch.delattr(shapes, "read_properties")
    assert reader.read(*content(second)) == second
    assert repr(reader) == "<ShapesReader 1 shapes>"


def test_what_is_another_each_time_is_stepped_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replay, or a call that is traced, is read by the shape that other calls have."""
    reader = ShapesReader()
    reader.read(*content(ASKED))
    monkeypatch.delattr(shapes, "read_properties")
    for varied in (
        {"x-replay": "run/r-1"},
        {"traceparent": "00-1-2-01"},
        {"x-replay": "run/the-second", "traceparent": ""},
    ):
        message = msgspec.structs.replace(ASKED, headers={**varied, **ASKED.headers})
        assert reader.read(*content(message)) == message
    assert repr(reader) == "<ShapesReader 1 shapes>"


VARIED = b"\x08x-replayS\x00\x00\x00\x01r"
LAST = b"\x01nl" + bytes(8)


@pytest.mark.parametrize(
    "fields",
    [
        VARIED,
        VARIED + LAST,
        VARIED + VARIED + LAST,
        VARIED + b"\x08x-replayI\x00\x00\x00\x01" + LAST,
        VARIED + b"\x08x-replay" + LAST,
        VARIED + b"\x08x-replayS\x00\x00\x00\xff" + LAST,
        VARIED + b"\x08x-replayS\x00",
        VARIED + b"\x08x-re",
        VARIED + b"\x01nZ",
        b"\x08x-replayS\x00\x00\x00\x01\xff" + LAST,
        LAST + VARIED,
    ],
)
def test_a_table_that_is_none_is_read_as_it_ever_was(fields: bytes) -> None:
    """Whatever stands where a replay's mark would, it is read as without shapes."""
    header, body = content(msgspec.structs.replace(ASKED, headers={"?": 1}))
    at = header.index(b"\x01?") - 4
    size = int.from_bytes(header[at : at + 4])
    header = header[:at] + len(fields).to_bytes(4) + fields + header[at + 4 + size :]
    reader = ShapesReader()
    for _ in range(2):
        assert reader.read(header, body) == read_properties(header, body)


@pytest.mark.parametrize(
    "change",
    [
        {"correlation_id": "longer than it was"},
        {"reply_to": "seilper"},
        {"reply_to": ""},
        {"type": "err"},
        {"app_id": "somebody"},
        {"persistent": True},
        {"priority": 3},
        {"expiration_ms": None},
        {"expiration_ms": 50_000},
        {"timestamp": None},
        {"message_id": ""},
        {"content_type": "application/json"},
        {"content_encoding": "gzip"},
        {"headers": {}},
        {"headers": {"x-operation": "a.c", "x-attempt": 1, "x-deadline": 7}},
        {"headers": {"x-operation": "a.b", "x-attempt": 2, "x-deadline": 7}},
        {"headers": {"x-operation": "a.b", "x-attempt": 1, "x-deadline": True}},
        {"headers": {"x-deadline": 7, "x-attempt": 1, "x-operation": "a.b"}},
    ],
    ids=repr,
)
def test_what_does_not_fit_is_read_all_the_same(change: dict[str, Any]) -> None:
    """A header that differs in something else than a shape allows loses nothing."""
    reader = ShapesReader()
    for message in (ASKED, msgspec.structs.replace(ASKED, **change)) * 2:
        assert reader.read(*content(message)) == message


ALIKE = st.builds(
    lambda message, rest: msgspec.structs.replace(message, **rest),
    st.sampled_from([ASKED, ANSWERED]) | MESSAGES,
    st.fixed_dictionaries(
        {},
        optional={
            "correlation_id": SHORT,
            "message_id": SHORT,
            "headers": st.fixed_dictionaries({"a": SHORT, "n": st.integers(-(2**63), 2**63 - 1)}),
            "timestamp": st.integers(0, 2**64 - 1),
        },
    ),
)


@given(st.lists(ALIKE, max_size=12))
def test_it_reads_what_the_long_way_reads(messages: list[Message]) -> None:
    """Whatever it has read before, each message is what it would be without."""
    reader = ShapesReader()
    for message in messages:
        assert reader.read(*content(message)) == message


@given(
    first=st.sampled_from([ASKED, ANSWERED]),
    place=st.integers(0, 250),
    octet=st.integers(0, 255),
    cut=st.integers(0, 250),
)
def test_garbage_is_what_it_is_without_shapes(
    first: Message, place: int, octet: int, cut: int
) -> None:
    """A spoiled header gives the message, or the error, that the long way gives."""
    reader = ShapesReader()
    header, body = content(first)
    reader.read(header, body)
    spoiled = bytearray(header)
    spoiled[place % len(header)] = octet
    for broken in (bytes(spoiled), header[: max(14, cut % len(header))]):
        for _ in range(2):
            assert outcome(reader.read, broken, body) == outcome(read_properties, broken, body)


def outcome(read: Any, header: bytes, body: bytes) -> object:
    try:
        return read(header, body)
    except (IndexError, StructError) as error:
        return type(error) in {IndexError, StructError}


def test_what_is_remembered_is_bounded() -> None:
    """A sender of whom no two messages look alike takes no memory for good."""
    reader = ShapesReader()
    for number in range(MAX_SHAPES + 5):
        headers = {"x-path": f"/{number}", "x-deadline": number}
        reader.read(*content(msgspec.structs.replace(ASKED, headers=headers)))
    assert repr(reader) == "<ShapesReader 5 shapes>"


def test_a_shape_is_not_learned_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learning is for one in some, since it costs more than reading."""
    monkeypatch.undo()
    reader = ShapesReader()
    for _ in range(LEARN_EACH - 1):
        reader.read(*content(ASKED))
    assert repr(reader) == "<ShapesReader 0 shapes>"
    reader.read(*content(ASKED))
    assert repr(reader) == "<ShapesReader 1 shapes>"
