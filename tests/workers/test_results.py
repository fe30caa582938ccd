import dataclasses
from typing import Any

import msgspec
import pydantic
import pytest

from contracts.call import Reply
from contracts.fault import Fault
from workers.results import UnusableResultError, reply_of


class Item(msgspec.Struct):
    sku: str


class Model(pydantic.BaseModel):
    sku: str


@dataclasses.dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    "value, body",
    [
        (Item("a"), b'{"sku":"a"}'),
        (Point(1), b'{"x":1}'),
        (Model(sku="a"), b'{"sku":"a"}'),
        ({"items": [Model(sku="a")]}, b'{"items":[{"sku":"a"}]}'),
        ([1, "a"], b'[1,"a"]'),
        (3, b"3"),
        (True, b"true"),
    ],
)
def test_a_value_becomes_json(value: Any, body: bytes) -> None:
    """Records, models, containers and numbers become JSON with the declared status."""
    reply = reply_of(value, 201, 5)
    assert (reply.status, reply.body, reply.worker_us) == (201, body, 5)
    assert reply.header("content-type") == "application/json"
    assert reply_of(value, None, 5).status == 200


def test_text_and_bytes_are_sent_as_they_are() -> None:
    """Text is text/plain in UTF-8, bytes are application/octet-stream."""
    text, raw = reply_of("é", None, 0), reply_of(memoryview(b"\xff"), None, 0)
    assert (text.body, text.header("content-type")) == ("é".encode(), "text/plain; charset=utf-8")
    assert (raw.body, raw.header("content-type")) == (b"\xff", "application/octet-stream")


def test_nothing_is_204_or_the_declared_status() -> None:
    """``None`` is 204 without a body, unless the operation declares another status."""
    assert (reply_of(None, None, 0).status, reply_of(None, 202, 0).status) == (204, 202)
    assert reply_of(None, None, 0).body == b""


def test_a_reply_is_taken_as_it_is() -> None:
    """A Reply keeps its status, headers and body; header names become lower case."""
    given = Reply(status=418, headers=(("X-Tea", "yes"),), body=b"short")
    reply = reply_of(given, 201, 7)
    assert reply == Reply(status=418, headers=(("x-tea", "yes"),), body=b"short", worker_us=7)


def test_a_reply_with_a_fault_is_that_fault() -> None:
    """A Reply that holds a fault stays one."""
    fault = Fault("conflict")
    assert reply_of(Reply.of_fault(fault), None, 7).fault is fault


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {"a": object()},
        {"a": "\ud800"},
        Reply(status=199),
        Reply(headers=(("a b", "c"),)),
        Reply(headers=(("a", "b\nc"),)),
        Reply(headers=(("a", 1),)),  # type: ignore[arg-type]
        Reply(body=bytearray(b"x")),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_written_is_told_apart(value: Any) -> None:
    """What neither JSON nor HTTP can carry raises an error that says so."""
    with pytest.raises(UnusableResultError, match="it returned"):
        reply_of(value, None, 0)


def test_a_nest_without_end_is_told_apart() -> None:
    """A list that holds itself is no endless loop."""
    nest: list[Any] = []
    nest.append(nest)
    with pytest.raises(UnusableResultError):
        reply_of(nest, None, 0)
