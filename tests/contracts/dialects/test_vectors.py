"""docs/wire-vectors.json is the contract; the dialects are held to it."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts import cancel
from contracts.brokers.port import TOPIC, Message
from contracts.brokers.rabbitmq import bundle
from contracts.brokers.rabbitmq.frames import content_header
from contracts.brokers.rabbitmq.properties import read_properties
from contracts.call import Call, Reply
from contracts.cancel import Cancel
from contracts.dialects import dialect
from contracts.fault import Fault

FILE = Path(__file__).parents[3] / "docs" / "wire-vectors.json"
VECTORS = json.loads(FILE.read_text())["vectors"]


def of_kind(kind: str) -> pytest.MarkDecorator:
    chosen = [vector for vector in VECTORS if vector["kind"] == kind]
    return pytest.mark.parametrize("vector", chosen, ids=[vector["name"] for vector in chosen])


def message_of(vector: dict[str, Any]) -> Message:
    shown = vector["message"]
    properties = dict(shown["properties"])
    expiration = properties.pop("expiration", None)
    return Message(
        body=bytes.fromhex(shown["body"]),
        headers=shown["headers"],
        expiration_ms=None if expiration is None else int(expiration),
        **properties,
    )


def call_of(vector: dict[str, Any]) -> Call:
    shown = vector["call"]
    return msgspec.convert({**shown, "body": bytes.fromhex(shown["body"])}, Call)


def without_time(message: Message) -> Message:
    return msgspec.structs.replace(message, timestamp=None)


@of_kind("request")
def test_requests_are_written_and_read_as_shown(vector: dict[str, Any]) -> None:
    """Each request of the vectors is written byte for byte, and read field by field."""
    speaker, message = dialect(vector["dialect"]), message_of(vector)
    call = speaker.call(message)
    expected = call_of(vector)
    assert call == expected
    written = speaker.request(
        expected,
        correlation_id=message.correlation_id,
        reply_to=message.reply_to,
        expiration_ms=message.expiration_ms or 0,
    )
    assert without_time(written) == message


@of_kind("reply")
def test_replies_are_read_and_written_as_shown(vector: dict[str, Any]) -> None:
    """Each reply of the vectors is read field by field, and written byte for byte."""
    speaker, message, shown = dialect(vector["dialect"]), message_of(vector), vector["reply"]
    reply = Reply(
        status=shown["status"],
        headers=tuple((name, value) for name, value in shown["headers"]),
        body=bytes.fromhex(shown["body"]),
        worker_us=shown["worker_us"],
    )
    assert speaker.reply(message) == reply
    asked = Message(
        content_type=message.content_type,
        correlation_id=message.correlation_id,
        message_id=message.message_id,
    )
    assert speaker.answer(reply, asked) == message


@of_kind("fault")
def test_faults_are_read_as_shown(vector: dict[str, Any]) -> None:
    """Each fault of the vectors is read as the problem that it is."""
    reply = dialect(vector["dialect"]).reply(message_of(vector))
    assert reply.fault is not None
    assert reply.fault.code == vector["fault"]["code"]
    request_id = vector["fault"]["problem"]["request_id"]
    assert reply.fault.problem(request_id) == vector["fault"]["problem"]


@of_kind("bad request")
def test_bad_requests_are_refused(vector: dict[str, Any]) -> None:
    """Each bad request of the vectors is one ``invalid_request``."""
    with pytest.raises(Fault, match="invalid_request"):
        dialect(vector["dialect"]).call(message_of(vector))


@of_kind("bad reply")
def test_bad_replies_are_refused(vector: dict[str, Any]) -> None:
    """Each bad reply of the vectors is one ``bad_reply``."""
    reply = dialect(vector["dialect"]).reply(message_of(vector))
    assert reply.fault is not None
    assert reply.fault.code == "bad_reply"


@of_kind("cancel")
def test_cancels_are_written_and_read_as_shown(vector: dict[str, Any]) -> None:
    """Each cancel of the vectors is written byte for byte, to the place that they name."""
    wanted, message = Cancel(**vector["cancel"]), message_of(vector)
    assert cancel.read(message) == wanted
    assert cancel.write(wanted) == message
    assert (TOPIC, cancel.topic(vector["service"])) == (vector["exchange"], vector["routing_key"])


@of_kind("bundle")
def test_bundles_are_written_and_taken_apart_as_shown(vector: dict[str, Any]) -> None:
    """Each bundle of the vectors is joined byte for byte from the messages that are in it."""
    whole = message_of(vector)
    inner = [message_of({"message": shown}) for shown in vector["messages"]]
    parts = [(content_header(message, ""), message.body) for message in inner]
    header, body = bundle.join(parts, whole.expiration_ms or 0)
    assert read_properties(header, body) == whole
    assert [read_properties(*part) for part in bundle.split(whole.body)] == inner
