import msgspec
import pytest

from contracts.call import NOBODY, Call, Caller, Reply
from contracts.fault import Fault


def test_a_call_finds_its_headers() -> None:
    """A header is found by its lower-case name, the first one if there are several."""
    call = Call(id="1", operation="a.b", headers=(("x", "1"), ("y", "2"), ("x", "3")))
    assert (call.header("x"), call.header("z"), call.header("z", "-")) == ("1", "", "-")


@pytest.mark.parametrize(
    "operation, service", [("orders.create", "orders"), ("a.b.c", "a"), ("alone", "alone")]
)
def test_a_call_knows_its_service(operation: str, service: str) -> None:
    """The service is what stands before the first dot of the operation."""
    assert Call(id="1", operation=operation).service == service


def test_records_are_frozen() -> None:
    """What crosses the wire cannot be changed on the way, only replaced."""
    call = Call(id="1", operation="a.b")
    for record, field in ((call, "id"), (Reply(), "status"), (Caller(), "id")):
        with pytest.raises(AttributeError):
            setattr(record, field, 1)
    assert msgspec.structs.replace(call, attempt=2).attempt == 2


def test_a_call_needs_little() -> None:
    """An id and an operation make a call: a POST without a body, from nobody."""
    call = Call(id="1", operation="a.b")
    assert (call.method, call.path, call.body, call.caller) == ("POST", "/", b"", NOBODY)
    assert (call.deadline, call.attempt) == (0, 1)


def test_a_json_reply() -> None:
    """A reply made of a value has it as JSON, and says so."""
    reply = Reply.json({"a": [1]}, status=201, headers=(("location", "/a/1"),))
    assert (reply.status, reply.body) == (201, b'{"a":[1]}')
    assert reply.header("content-type") == "application/json"
    assert reply.header("location") == "/a/1"
    assert reply.header("etag", "-") == "-"


def test_a_reply_of_a_fault() -> None:
    """A reply that reports a fault has the fault's status."""
    fault = Fault("not_found")
    reply = Reply.of_fault(fault, worker_us=7)
    assert (reply.status, reply.fault, reply.worker_us) == (404, fault, 7)
