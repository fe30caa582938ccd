import msgspec
import pytest
from hypothesis import given

from contracts.brokers.port import Message
from contracts.call import NOBODY, Call, Reply
from contracts.dialects.raw import Raw
from contracts.fault import Fault
from tests.contracts.dialects.strategies import CALLS, MESSAGES, REPLIES

RAW = Raw()
CALL = Call(
    id="r-1",
    operation="legacy.convert",
    method="PUT",
    path="/v1/files/7",
    query="a=1&a=2",
    params={"id": "7"},
    headers=(
        ("content-type", "image/png"),
        ("content-encoding", "gzip"),
        ("content-length", "3"),
        ("accept", "a/b"),
        ("accept", "c/d"),
        ("cookie", "a=1"),
        ("cookie", "b=2"),
        ("te", "trailers"),
    ),
    body=b"\x00\xff\x01",
    deadline=1_790_000_000_000,
    attempt=2,
    route="PUT /v1/files/{id}",
    traceparent="00-1-2-01",
    tracestate="a=b",
)


def asked(call: Call = CALL) -> Message:
    return RAW.request(call, correlation_id="c-1", reply_to="replies", expiration_ms=5000)


def fault_code(message: Message) -> str:
    fault = RAW.reply(message).fault
    return fault.code if fault else ""


def test_a_request() -> None:
    """The body is the client's, untouched; all else is in properties and headers."""
    message = asked()
    assert message.timestamp
    assert msgspec.structs.replace(message, timestamp=None) == Message(
        body=b"\x00\xff\x01",
        headers={
            "x-method": "PUT",
            "x-path": "/v1/files/7",
            "x-operation": "legacy.convert",
            "x-attempt": 2,
            "x-request-id": "r-1",
            "x-query": "a=1&a=2",
            "x-deadline": 1_790_000_000_000,
            "x-route": "PUT /v1/files/{id}",
            "traceparent": "00-1-2-01",
            "tracestate": "a=b",
            "x-param-id": "7",
            "x-header-accept": "a/b, c/d",
            "x-header-cookie": "a=1; b=2",
        },
        content_type="image/png",
        content_encoding="gzip",
        type="req",
        correlation_id="c-1",
        reply_to="replies",
        message_id="r-1",
        app_id="queuegate",
        expiration_ms=5000,
    )


@given(call=CALLS)
def test_a_call_crosses_the_wire(call: Call) -> None:
    """A worker of ours reads the call, but for who called and headers that it joins."""
    joined = {name: value for name, value in RAW.call(asked(call)).headers}  # noqa: C416 - unique
    assert all(call.header(name) in joined[name] for name in joined)
    expected = msgspec.structs.replace(call, headers=(), caller=NOBODY)
    assert msgspec.structs.replace(RAW.call(asked(call)), headers=()) == expected


@given(reply=REPLIES)
def test_a_reply_crosses_the_wire(reply: Reply) -> None:
    """The gateway reads status, body, time and headers that a worker of ours wrote."""
    again = RAW.reply(RAW.answer(reply, asked()))
    assert msgspec.structs.replace(again, headers=()) == msgspec.structs.replace(reply, headers=())
    assert set(again.headers) <= set(reply.headers)


def test_a_consumer_that_knows_nothing_of_us() -> None:
    """Bytes with a correlation id are a reply: 200, with the content type of the message."""
    reply = RAW.reply(Message(body=b"done", content_type="text/plain", correlation_id="c-1"))
    assert reply == Reply(body=b"done", headers=(("content-type", "text/plain"),))
    assert RAW.reply(Message()) == Reply()


@pytest.mark.parametrize("status", [404, "404"])
def test_a_status_of_ones_own(status: object) -> None:
    """A status may be an integer or, from clients that have only strings, three digits."""
    assert RAW.reply(Message(headers={"x-status": status})).status == 404


def test_headers_of_a_reply() -> None:
    """Headers of a reply are ``x-header-NAME``, a list for several; hop-by-hop ones are dropped."""
    headers = {
        "x-header-Location": "/a/1",
        "x-header-set-cookie": ["a=1", "b=2"],
        "x-header-age": 5,
        "x-header-connection": "close",
        "x-header-content-length": "99",
        "x-other": "ignored",
    }
    assert RAW.reply(Message(headers=headers)).headers == (
        ("location", "/a/1"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("age", "5"),
    )


def test_cookies_are_not_joined() -> None:
    """A worker of ours sends several Set-Cookie headers as a list, for they cannot be joined."""
    cookies = (("set-cookie", "a=1, x"), ("set-cookie", "b=2"))
    answer = RAW.answer(Reply(headers=cookies), asked())
    assert answer.headers["x-header-set-cookie"] == ["a=1, x", "b=2"]
    assert RAW.reply(answer).headers == cookies


@pytest.mark.parametrize(
    "headers",
    [
        {"x-status": 99},
        {"x-status": "soon"},
        {"x-status": None, "x-header-a": None},
        {"x-header-a": "b\r\nc: d"},
        {"x-header-a b": "c"},
        {"x-header-a": {"b": "c"}},
    ],
    ids=repr,
)
def test_bad_replies(headers: dict[str, object]) -> None:
    """A status or header that HTTP does not know makes a ``bad_reply``."""
    assert fault_code(Message(headers=headers)) == "bad_reply"


def test_faults_cross_the_wire() -> None:
    """A fault that a worker raised is the fault that the gateway sees, status in a header too."""
    answer = RAW.answer(Reply.of_fault(Fault("sold_out", status=409, sku="x")), asked())
    assert answer.headers["x-status"] == 409
    fault = RAW.reply(answer).fault
    assert fault is not None
    assert (fault.code, fault.status, fault.extensions) == ("sold_out", 409, {"sku": "x"})


def test_a_fault_without_a_document() -> None:
    """A foreign consumer reports a fault with a code, and a status if the code is its own."""
    assert fault_code(Message(headers={"x-error-code": "not_found"})) == "not_found"
    own = {"x-error-code": "sold_out", "x-status": 409}
    assert fault_code(Message(headers=own, body=b"sorry")) == "sold_out"
    assert fault_code(Message(headers={"x-error-code": "sold_out"})) == "bad_reply"
    assert fault_code(Message(headers={"x-error-code": 7})) == "bad_reply"


def test_a_message_that_no_gateway_sent() -> None:
    """A worker reads a bare message as a POST with its correlation id, for no operation."""
    call = RAW.call(Message(body=b"x", correlation_id="c-1"))
    assert call == Call(id="c-1", operation="", body=b"x")


@pytest.mark.parametrize(
    "headers",
    [{"x-deadline": "soon"}, {"x-method": 5}, {"x-param-a": 1}, {"x-attempt": -1}],
    ids=repr,
)
def test_bad_requests(headers: dict[str, object]) -> None:
    """A header of the wrong type is an ``invalid_request``."""
    with pytest.raises(Fault, match="invalid_request"):
        RAW.call(Message(headers=headers))


@given(message=MESSAGES)
def test_any_message_makes_a_reply(message: Message) -> None:
    """Whatever comes back is a reply, or the fault that it is none; nothing is raised."""
    assert isinstance(RAW.reply(message), Reply)


@given(message=MESSAGES)
def test_any_message_makes_a_call_or_a_fault(message: Message) -> None:
    """Whatever a worker gets is a call, or one ``invalid_request``."""
    try:
        assert isinstance(RAW.call(message), Call)
    except Fault as fault:
        code = fault.code
    else:
        code = "invalid_request"
    assert code == "invalid_request"


def test_sizes_are_limited() -> None:
    """A message that is too large is refused at both ends."""
    small = Raw(max_bytes=2)
    with pytest.raises(Fault, match="invalid_request"):
        small.call(asked())
    fault = small.reply(Message(body=b"123")).fault
    assert fault is not None
    assert fault.code == "bad_reply"


def test_a_header_name_that_amqp_cannot_carry_is_left_out() -> None:
    """A header with a name too long for AMQP is no reason to refuse the call."""
    message = asked(Call(id="1", operation="a.b", headers=(("x" * 120, "1"), ("y", "2"))))
    assert [name for name in message.headers if name.startswith("x-header-")] == ["x-header-y"]
