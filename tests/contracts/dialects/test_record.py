from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.brokers.port import Message
from contracts.call import Call, Caller
from contracts.codec import pack
from contracts.dialects import native
from contracts.dialects.native import Native
from contracts.dialects.record import CallRecord, ReplyRecord, read_call, read_reply
from contracts.fault import Fault
from tests.contracts.dialects.strategies import ANYTHING

FIELDS = ["v", "id", "op", "method", "path", "query", "params", "headers", "body", "body64"]
LIKELY = st.sampled_from([1, "1", "a.b", [["a", "b"]], {"a": "b"}, b"x", {"id": "ann"}, None])


def test_the_usual_is_read() -> None:
    """What our own gateways and workers write is read at once."""
    body = pack({"v": 1, "id": "1", "op": "a.b", "headers": [["a", "b"]], "caller": {"id": "ann"}})
    assert read_call(body) == CallRecord(
        id="1", op="a.b", headers=(("a", "b"),), caller=Caller(id="ann")
    )
    assert read_reply(pack({"body": b"x"})) == ReplyRecord(body=b"x")


@pytest.mark.parametrize(
    "body", [b"", b"\xc1", pack([]), pack({"op": 1}), pack({"op": "a"}) + b"x"]
)
def test_the_rest_goes_the_long_way(body: bytes) -> None:
    """What is not as usual is no error here."""
    assert read_call(body) is None


@given(
    record=st.dictionaries(
        st.sampled_from([*FIELDS, "caller", "status", "more"]), LIKELY | ANYTHING, max_size=7
    ),
    op=st.none() | st.just("a.b"),
)
def test_both_ways_mean_the_same(record: dict[str, Any], op: str | None) -> None:
    """Whatever stands in a body, the short way and the long way find the same call and reply."""
    if op:
        record["op"] = op
    try:
        message = Message(body=pack(record), content_type=native.MSGPACK, message_id="m")
    except ValueError:
        return
    short = _found(message), repr(Native().reply(message))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "read_call", lambda _: None)
        patch.setattr(native, "read_reply", lambda _: None)
        assert short == (_found(message), repr(Native().reply(message)))


def _found(message: Message) -> Call | str:
    try:
        return Native().call(message)
    except Fault as fault:
        return str(fault)


def test_nesting_has_a_limit() -> None:
    """A field that nobody knows may be nested as deep as it likes: it is no crash."""
    body = msgspec.msgpack.encode({"op": "a.b"})[:0] + b"\x82\xa2op\xa3a.b\xa4more" + b"\x91" * 9999
    assert read_call(body + b"\xc0") is None
