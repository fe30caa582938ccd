from hypothesis import given
from hypothesis import strategies as st

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq.frames import StructError
from contracts.brokers.rabbitmq.properties import body_size, read_properties, write_properties
from tests.contracts.brokers.rabbitmq.fakes import content
from tests.contracts.brokers.rabbitmq.strategies import MESSAGES


@given(MESSAGES)
def test_properties_are_read_as_they_were_written(message: Message) -> None:
    """Every property comes back the same, and the size of the body with them."""
    header, body = content(message)
    assert read_properties(header, body) == message
    assert body_size(header) == len(message.body)


@given(MESSAGES)
def test_what_was_written_before_is_written_the_same(message: Message) -> None:
    """What is remembered changes nothing."""
    assert write_properties(message) == write_properties(message)


def test_equal_is_not_the_same() -> None:
    """1, True and 1.0 are one to a dict, and three things in a header."""
    for value in (1, True, 1.0):
        header, _ = content(Message(headers={"x": value, "last": 7}))
        assert type(read_properties(header, b"").headers["x"]) is type(value)


def test_strange_properties_are_read() -> None:
    """Dates beyond all calendars, odd expirations and bad UTF-8 spoil no delivery."""
    # A header {"t": a timestamp beyond all calendars}, expiration "soon", correlation id b"\xff".
    table = b"\x01tT" + (2**62).to_bytes(8)
    flags = (1 << 13 | 1 << 10 | 1 << 8).to_bytes(2)
    payload = b"\x00\x3c\x00\x00" + (0).to_bytes(8) + flags
    payload += len(table).to_bytes(4) + table + b"\x01\xff" + b"\x04soon"
    assert read_properties(payload, b"") == Message(headers={"t": None}, correlation_id="\ufffd")


@given(st.binary(min_size=14, max_size=60))
def test_any_header_is_a_message_or_too_short(payload: bytes) -> None:
    """Whatever the bytes, they give a message or one of two errors."""
    try:
        assert isinstance(read_properties(payload, b""), Message)
    except (IndexError, StructError):
        return
