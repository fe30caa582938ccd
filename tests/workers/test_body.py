from typing import Any

import msgspec
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.call import Call
from contracts.fault import Fault
from workers.body import BodyReader


class Item(msgspec.Struct):
    sku: str
    quantity: int = 1


class Model(pydantic.BaseModel):
    sku: str


def _call(body: bytes, kind: str = "application/json") -> Call:
    headers = (("content-type", kind),) if kind else ()
    return Call(id="1", operation="s.o", headers=headers, body=body)


def _code(reader: BodyReader, call: Call) -> str:
    with pytest.raises(Fault) as raised:
        reader.read(call)
    return raised.value.code


JSON = b'{"sku": "tea"}'


@pytest.mark.parametrize(
    "kind",
    ["application/json", "Application/JSON; charset=UTF-8", "application/vnd.shop+json", ""],
)
def test_json_is_read(kind: str) -> None:
    """JSON is read under its names, and without any Content-Type."""
    assert BodyReader(Item).read(_call(JSON, kind)) == Item("tea")


def test_msgpack_is_read() -> None:
    """Msgpack is read under its name, into Structs and into pydantic models."""
    call = _call(msgspec.msgpack.encode({"sku": "tea"}), "application/msgpack")
    assert BodyReader(Item).read(call) == Item("tea")
    assert BodyReader(Model).read(call) == Model(sku="tea")


def test_a_pydantic_model_is_read() -> None:
    """A pydantic model validates its own body, and its errors have pointers too."""
    assert BodyReader(Model).read(_call(JSON)) == Model(sku="tea")
    with pytest.raises(Fault) as raised:
        BodyReader(Model).read(_call(b'{"sku": 1}'))
    assert raised.value.code == "invalid_body"
    assert raised.value.extensions["errors"][0]["pointer"] == "/sku"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "json"])
def test_another_media_type_is_refused(kind: str) -> None:
    """Any other media type is ``unsupported_media_type``."""
    assert _code(BodyReader(Item), _call(JSON, kind)) == "unsupported_media_type"


def test_another_charset_is_refused() -> None:
    """JSON in another charset than UTF-8 is ``unsupported_media_type``."""
    call = _call(JSON, "application/json; charset=latin-1")
    assert _code(BodyReader(Item), call) == "unsupported_media_type"


@pytest.mark.parametrize("kind", [Item, Model, Any])
@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b'{"sku": "tea"} x'])
def test_malformed_json_is_invalid_request(kind: Any, body: bytes) -> None:
    """What is not JSON is ``invalid_request``, whatever type was wanted."""
    assert _code(BodyReader(kind), _call(body)) == "invalid_request"


def test_malformed_msgpack_is_invalid_request() -> None:
    """What is not msgpack is ``invalid_request``."""
    assert _code(BodyReader(Item), _call(b"\xc1", "application/msgpack")) == "invalid_request"


def test_another_shape_is_invalid_body() -> None:
    """JSON of another shape is ``invalid_body``; ``errors`` has all that is wrong."""
    with pytest.raises(Fault) as raised:
        BodyReader(Item).read(_call(b'{"quantity": "2"}'))
    assert raised.value.code == "invalid_body"
    assert raised.value.detail == "/sku: is required"
    assert [error["pointer"] for error in raised.value.extensions["errors"]] == [
        "/sku",
        "/quantity",
    ]


def test_an_empty_body_is_the_default_or_an_error() -> None:
    """An empty body gives the default; without one it is ``invalid_request``."""
    assert BodyReader(Item, None).read(_call(b"")) is None
    assert _code(BodyReader(Item), _call(b"")) == "invalid_request"


@given(st.binary(max_size=50), st.sampled_from(["application/json", "application/msgpack"]))
def test_any_bytes_give_a_value_or_a_fault(body: bytes, kind: str) -> None:
    """Any bytes give a value of the type or one fault, nothing else."""
    try:
        assert isinstance(BodyReader(Item).read(_call(body, kind)), Item)
    except Fault as fault:
        assert fault.code in {"invalid_request", "invalid_body"}  # noqa: PT017 - either is right
