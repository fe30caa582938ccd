import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import bundle, frames
from contracts.brokers.rabbitmq.properties import read_properties
from tests.contracts.brokers.rabbitmq.strategies import MESSAGES


def joined(messages: list[Message]) -> tuple[bytes, bytes]:
    """Bundle messages."""
    return bundle.join((frames.content_header(one, "q"), one.body) for one in messages)


@given(st.lists(MESSAGES, max_size=5))
def test_what_is_joined_is_split_into_the_same(messages: list[Message]) -> None:
    """Each message comes back whole, with every property that it had, in order."""
    header, body = joined(messages)
    assert bundle.is_answers(header)
    found = [read_properties(*part) for part in bundle.split(body)]
    assert found == [read_properties(frames.content_header(m, "q"), m.body) for m in messages]


def test_a_bundle_is_told_by_its_header() -> None:
    """It is a message of the type bundle and of no other property; nothing else is one."""
    header, body = joined([Message(body=b"x")])
    assert read_properties(header, b"") == Message(type=bundle.TYPE)
    assert int.from_bytes(header[4:12]) == len(body)
    for other in (Message(), Message(type="res"), Message(type="bundle", correlation_id="c")):
        assert not bundle.is_answers(frames.content_header(other, "q"))


def test_a_bundle_of_calls_has_the_life_of_its_calls() -> None:
    """It expires as they do, and is not taken for one of answers."""
    header, body = bundle.join([], 250)
    assert read_properties(header, body) == Message(type=bundle.TYPE, expiration_ms=250)
    assert not bundle.is_answers(header)


@given(st.binary(max_size=200))
def test_any_bytes_are_split_or_refused(data: bytes) -> None:
    """Whatever somebody sends, it is messages or one error, and it ends."""
    try:
        parts = list(bundle.split(data))
    except (ValueError, struct.error):
        return
    assert sum(4 + len(header) + len(body) for header, body in parts) == len(data)


@pytest.mark.parametrize("cut", [1, 5, 10, 24])
def test_what_came_before_the_damage_is_whole(cut: int) -> None:
    """A bundle that ends in the middle gives the messages before, and an error."""
    _, body = joined([Message(body=b"first"), Message(body=b"second")])
    parts = bundle.split(body[:-cut])
    assert next(parts)[1] == b"first"
    with pytest.raises((ValueError, struct.error)):
        next(parts)
