import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.brokers.port import Message
from contracts.call import Call, Caller, Reply
from contracts.codec import pack
from contracts.dialects.native import JSON, MSGPACK, Native
from contracts.fault import Fault
from tests.contracts.dialects.strategies import ANYTHING, CALLS, MESSAGES, REPLIES

CALL = Call(id="r-1", operation="orders.create", body=b"{}", caller=Caller(id="ann"))
SPEAKERS = [Native(), Native(content_type=JSON)]


def asked(dialect: Native, call: Call = CALL) -> Message:
    return dialect.request(call, correlation_id="c-1", reply_to="replies", expiration_ms=5000)


@given(call=CALLS, dialect=st.sampled_from(SPEAKERS))
def test_a_call_crosses_the_wire(call: Call, dialect: Native) -> None:
    """The worker reads the call that the gateway wrote, in msgpack and in JSON."""
    assert dialect.call(asked(dialect, call)) == call


@given(reply=REPLIES, dialect=st.sampled_from(SPEAKERS))
def test_a_reply_crosses_the_wire(reply: Reply, dialect: Native) -> None:
    """The gateway reads the reply that the worker wrote, in msgpack and in JSON."""
    assert dialect.reply(dialect.answer(reply, asked(dialect))) == reply


def test_properties_of_a_request() -> None:
    """A request says in its properties all that brokers and operators want to know."""
    call = msgspec.structs.replace(CALL, deadline=1_790_000_000_000, route="POST /v1/orders")
    message = asked(Native(), call)
    assert message.timestamp
    assert msgspec.structs.replace(message, body=b"", timestamp=None) == Message(
        headers={
            "x-operation": "orders.create",
            "x-attempt": 1,
            "x-deadline": 1_790_000_000_000,
            "x-route": "POST /v1/orders",
        },
        content_type=MSGPACK,
        type="req",
        correlation_id="c-1",
        reply_to="replies",
        message_id="r-1",
        app_id="queuegate",
        expiration_ms=5000,
    )


def test_defaults_are_left_out() -> None:
    """What has its default is not sent."""
    message = asked(Native(content_type=JSON), Call(id="r-1", operation="a.b"))
    assert json.loads(message.body) == {"v": 1, "id": "r-1", "op": "a.b"}


@pytest.mark.parametrize(
    "body, field", [(b"text", {"body": "text"}), (b"\xff", {"body64": "/w=="}), (b"", {})]
)
def test_bodies_in_json(body: bytes, field: dict[str, str]) -> None:
    """JSON carries a body as text when it is UTF-8, else in base64."""
    message = asked(Native(content_type=JSON), Call(id="r-1", operation="a.b", body=body))
    assert json.loads(message.body) == {"v": 1, "id": "r-1", "op": "a.b", **field}


@pytest.mark.parametrize("dialect", SPEAKERS, ids=repr)
def test_answers_come_in_the_format_asked_in(dialect: Native) -> None:
    """A worker answers in the content type that it was asked in, whatever it prefers itself."""
    message = asked(dialect)
    answer = Native().answer(Reply(status=201, worker_us=7), message)
    assert answer.content_type == message.content_type
    assert (answer.type, answer.correlation_id, answer.message_id) == ("res", "c-1", "r-1")
    assert answer.headers == {"x-worker-us": 7}


def test_content_types_with_parameters() -> None:
    """Parameters and case of a content type do not matter; no content type means msgpack."""
    message = asked(Native(content_type=JSON))
    odd = msgspec.structs.replace(message, content_type="Application/JSON; charset=utf-8")
    assert Native().call(odd) == CALL
    bare = msgspec.structs.replace(asked(Native()), content_type="")
    assert Native().call(bare) == CALL


@pytest.mark.parametrize("dialect", SPEAKERS, ids=repr)
def test_faults_cross_the_wire(dialect: Native) -> None:
    """A fault that a worker raised is the fault that the gateway sees."""
    fault = Fault("out_of_stock", "only 3", status=409, sku="x")
    reply = dialect.reply(dialect.answer(Reply.of_fault(fault, worker_us=3), asked(dialect)))
    assert reply.fault is not None
    assert reply.fault.problem("r-1") == fault.problem("r-1") | {"request_id": "r-1"}
    assert (reply.status, reply.worker_us) == (409, 3)


@given(message=MESSAGES)
def test_any_message_makes_a_reply(message: Message) -> None:
    """Whatever comes back is a reply, or the fault that it is none; nothing is raised."""
    assert isinstance(Native().reply(message), Reply)


@given(message=MESSAGES)
def test_any_message_makes_a_call_or_a_fault(message: Message) -> None:
    """Whatever a worker gets is a call, or one ``invalid_request``."""
    try:
        assert isinstance(Native().call(message), Call)
    except Fault as fault:
        code = fault.code
    else:
        code = "invalid_request"
    assert code == "invalid_request"


FIELDS = ["v", "id", "op", "method", "path", "query", "params", "headers", "body", "body64"]


@given(
    record=st.dictionaries(
        st.sampled_from([*FIELDS, "caller", "status", "more"]), ANYTHING, max_size=6
    )
)
def test_any_record_is_taken_or_refused(record: dict[str, Any]) -> None:
    """A body with the right fields and the wrong values is one fault at each end."""
    try:
        body = pack(record)
    except ValueError:
        return
    message = Message(body=body, content_type=MSGPACK)
    assert isinstance(Native().reply(message), Reply)
    try:
        call = Native().call(message)
    except Fault as fault:
        assert fault.code == "invalid_request"  # noqa: PT017 - not raising is fine as well
    else:
        assert isinstance(call.body, bytes)


@pytest.mark.parametrize(
    "record",
    [
        [],
        "text",
        {"id": 1, "op": "a.b"},
        {"id": "1", "op": "a.b", "v": 2},
        {"id": "1", "op": None},
        {"id": "1"},
        {"id": "1", "op": "a.b", "headers": [["a"]]},
        {"id": "1", "op": "a.b", "headers": [["a", "b\r\nc: d"]]},
        {"id": "1", "op": "a.b", "params": {"a": 1}},
        {"id": "1", "op": "a.b", "caller": "ann"},
        {"id": "1", "op": "a.b", "caller": {"scopes": [1]}},
        {"id": "1", "op": "a.b", "body": 1},
        {"id": "1", "op": "a.b", "body64": "?"},
    ],
    ids=repr,
)
def test_bad_requests(record: Any) -> None:
    """A field of the wrong type is an ``invalid_request`` that names it."""
    with pytest.raises(Fault, match="invalid_request"):
        Native().call(Message(body=pack(record), content_type=MSGPACK))


@pytest.mark.parametrize(
    "record",
    [[], {"status": 99}, {"status": "200"}, {"status": 200, "headers": {}}, {"body": 5}],
    ids=repr,
)
def test_bad_replies(record: Any) -> None:
    """A field of the wrong type is a ``bad_reply``."""
    reply = Native().reply(Message(body=pack(record), content_type=MSGPACK))
    assert reply.fault is not None
    assert (reply.fault.code, reply.status) == ("bad_reply", 502)


def test_unknown_fields_are_ignored() -> None:
    """A field that is not known yet is no error: so fields can be added."""
    body = pack({"v": 1, "id": "1", "op": "a.b", "new": [1], "caller": {"id": "a", "new": 1}})
    assert Native().call(Message(body=body)) == Call(id="1", operation="a.b", caller=Caller(id="a"))


def test_sizes_are_limited() -> None:
    """A message that is too large is refused before it is read, at both ends."""
    small = Native(max_bytes=10)
    with pytest.raises(Fault, match="more than 10"):
        small.call(asked(Native()))
    fault = small.reply(Native().answer(Reply(body=bytes(20)), asked(Native()))).fault
    assert fault is not None
    assert fault.code == "bad_reply"


def test_a_call_that_cannot_be_written() -> None:
    """A lone surrogate, which no UTF-8 can carry, is the caller's fault and no crash."""
    for dialect in SPEAKERS:
        with pytest.raises(Fault, match="invalid_request"):
            asked(dialect, Call(id="1", operation="a.b", path="/\ud800"))


def test_a_reply_that_cannot_be_written() -> None:
    """A worker's reply that cannot be written is a ``worker_error``, and an answer all the same."""
    answer = Native().answer(Reply(headers=(("a", "\ud800"),)), asked(Native()))
    assert answer.headers["x-error-code"] == "worker_error"


def test_answers_say_what_the_queue_takes() -> None:
    """How many calls in a message is said of a queue that takes everything, and only then."""

    def said(**settings: Any) -> dict[str, Any]:
        answer = Native(**settings).answer(Reply(worker_us=7), asked(Native()))
        return dict(answer.headers)

    assert said() == said(bundle=8) == {"x-worker-us": 7}
    assert said(takes_all=True) == {"x-takes-all": 1, "x-worker-us": 7}
    together = {"x-takes-all": 1, "x-takes-bundles": 8, "x-worker-us": 7}
    assert said(takes_all=True, bundle=8) == together


def test_only_two_formats() -> None:
    """The native dialect is msgpack or JSON."""
    with pytest.raises(ValueError, match="text/xml"):
        Native(content_type="text/xml")
