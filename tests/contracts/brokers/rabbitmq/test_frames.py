from typing import Any

import pamqp.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands, header

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import frames
from contracts.brokers.rabbitmq.properties import body_size, read_properties
from contracts.fault import Fault
from tests.contracts.brokers.rabbitmq.strategies import MESSAGES, SHORT

UNUSABLE = [
    Message(headers={"a": object()}),
    Message(headers={"a": 2**64}),
    Message(headers={1: "a"}),  # type: ignore[dict-item]
    Message(correlation_id="\ud800"),
    Message(priority=256),
    Message(timestamp=-1),
    Message(content_type="x" * 256),
]


def write(message: Message, frame_max: int = 0) -> bytes:
    return frames.publish(
        message, channel=3, exchange="e", routing_key="k", mandatory=True, frame_max=frame_max
    )


def split(data: bytes) -> list[tuple[int, bytes]]:
    """Cut bytes into frames: type and payload."""
    found = []
    while data:
        kind, channel, size = frames.FRAME_HEAD.unpack_from(data)
        assert channel == 3
        assert data[7 + size : 8 + size] == frames.END
        found.append((kind, data[7 : 7 + size]))
        data = data[8 + size :]
    return found


def read(data: bytes) -> Message:
    """Read a written message back."""
    _, (kind, properties), *bodies = split(data)
    assert kind == frames.HEADER
    body = b"".join(payload for _, payload in bodies)
    assert len(body) == body_size(properties)
    return read_properties(properties, body)


@given(MESSAGES)
def test_messages_are_read_as_they_were_written(message: Message) -> None:
    """Every property, header and body comes back the same."""
    assert read(write(message)) == message


@given(MESSAGES)
def test_pamqp_reads_what_we_write(message: Message) -> None:
    """What we write means the same to pamqp."""
    data = write(message)
    size, channel, method = pamqp.frame.unmarshal(data)
    assert isinstance(method, commands.Basic.Publish)
    assert (channel, method.exchange, method.routing_key, method.mandatory) == (3, "e", "k", True)
    _, _, content = pamqp.frame.unmarshal(data[size:])
    assert isinstance(content, header.ContentHeader)
    assert content.body_size == len(message.body)
    assert (content.properties.correlation_id or "") == message.correlation_id
    assert content.properties.delivery_mode == 1 + message.persistent
    assert (content.properties.headers or {}) == message.headers


@given(body=st.binary(max_size=300), frame_max=st.integers(9, 64))
def test_bodies_are_cut_to_the_frame_size(body: bytes, frame_max: int) -> None:
    """No frame is longer than was agreed, and together they are the body."""
    data = write(Message(body=body), frame_max)
    bodies = [payload for kind, payload in split(data) if kind == frames.BODY]
    assert all(len(payload) + frames.OVERHEAD <= frame_max for payload in bodies)
    assert b"".join(bodies) == body


@given(tag=st.integers(1, 2**63 - 1), flag=st.booleans())
def test_settlements_and_confirms(tag: int, flag: bool) -> None:  # noqa: FBT001 - drawn
    """Acks and rejects mean to pamqp what they mean to us, and its confirms are read."""
    ack = pamqp.frame.unmarshal(frames.ack(5, tag))[2]
    assert isinstance(ack, commands.Basic.Ack)
    assert (ack.delivery_tag, ack.multiple) == (tag, False)
    reject = pamqp.frame.unmarshal(frames.reject(5, tag, requeue=flag))[2]
    assert isinstance(reject, commands.Basic.Reject)
    assert (reject.delivery_tag, reject.requeue) == (tag, flag)
    for confirm in (commands.Basic.Ack(tag, flag), commands.Basic.Nack(tag, flag, requeue=True)):
        assert frames.read_confirm(pamqp.frame.marshal(confirm, 5)[7:-1]) == (tag, flag)


@given(tag=st.integers(1, 2**63 - 1), flag=st.booleans(), text=SHORT)
def test_what_the_broker_says(tag: int, flag: bool, text: str) -> None:  # noqa: FBT001 - drawn
    """Deliveries, returns and reasons are read as pamqp writes them."""

    def payload(method: Any) -> bytes:
        return pamqp.frame.marshal(method, 5)[7:-1]

    deliver = commands.Basic.Deliver("tag", tag, flag, "", text)
    assert frames.read_deliver(payload(deliver)) == (tag, flag)
    returned = commands.Basic.Return(312, "NO_ROUTE", "", text)
    assert frames.read_return(payload(returned)) == ("", text)
    assert frames.read_close(payload(commands.Channel.Close(404, text, 0, 0))) == text
    assert frames.read_close(payload(commands.Connection.Close(320, text, 0, 0))) == text
    assert frames.read_blocked(payload(commands.Connection.Blocked(text))) == text


@pytest.mark.parametrize("message", UNUSABLE, ids=repr)
def test_what_cannot_be_carried(message: Message) -> None:
    """What AMQP has no form for is an ``invalid_request``, and no other error."""
    with pytest.raises(Fault, match="invalid_request"):
        write(message)
