import inspect
from typing import Any

import msgspec
import pytest

from contracts.fault import Fault
from ingress import content
from ingress.policies.forms import ReadForms, build
from ingress.representation.forms import Limits
from ingress.validation.parameters import members_of
from tests.ingress.policies.asked import Asked

URLENCODED = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"
SCHEMA = {
    "properties": {
        "quantity": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
    }
}
POLICY = ReadForms(Limits(parts=5, field=100, file=1_000_000), members_of(SCHEMA))


async def admitted(body: bytes, kind: str, **headers: str) -> Asked:
    asked = Asked(body, content_type=kind, **headers)
    answer = POLICY.admit(asked)
    if inspect.isawaitable(answer):
        answer = await answer
    assert answer is None
    return asked


def part(name: str, data: bytes = b"v", more: str = "") -> bytes:
    head = f'--b\r\ncontent-disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + data + b"\r\n"


@pytest.mark.parametrize(
    "body, kind",
    [
        (b"sku=tea+x&quantity=2&tags=hot", URLENCODED),
        (
            part("sku", b"tea x") + part("quantity", b"2") + part("tags", b"hot") + b"--b--\r\n",
            PARTS,
        ),
    ],
)
async def test_a_form_becomes_json(body: bytes, kind: str) -> None:
    """With numbers and lists where the schema wants them; nobody need parse it again."""
    asked = await admitted(body, kind, content_length="5")
    value = {"sku": "tea x", "quantity": 2, "tags": ["hot"]}
    assert msgspec.json.decode(asked.call.body) == content.value(asked) == value
    assert asked.call.headers == (("content-type", "application/json"),)


async def test_what_is_no_number_stays_a_text() -> None:
    """It is the schema that tells of it."""
    asked = await admitted(b"quantity=many", URLENCODED)
    assert content.value(asked) == {"quantity": "many"}


async def test_a_large_form_is_read_in_a_thread() -> None:
    """So that others need not wait for it."""
    data = b"x" * 500_000
    asked = await admitted(part("f", data, '; filename="f"') + b"--b--\r\n", PARTS)
    found: Any = content.value(asked)
    assert len(found["f"]["data"]) > len(data)


async def test_other_bodies_are_left_alone() -> None:
    """And so is none at all."""
    for body, kind in [(b"{}", "application/json"), (b"", PARTS)]:
        assert (await admitted(body, kind)).call.body == body


@pytest.mark.parametrize(
    "body, kind",
    [
        (b"a=1&" * 6, URLENCODED),
        (b"a=" + b"x" * 101, URLENCODED),
        (part("a") * 10_000 + b"--b--\r\n", PARTS),
    ],
)
async def test_what_is_too_much_is_413(body: bytes, kind: str) -> None:
    """The same limits for both kinds of forms."""
    with pytest.raises(Fault) as caught:
        await admitted(body, kind)
    assert caught.value.code == "too_large"


def test_it_is_there_only_where_a_route_asks() -> None:
    """With what validates, or without."""
    assert build({}) is None
    assert build({"forms": "off"}) is None
    built = build({"forms": {"parts": 1, "field_size": 2, "file_size": 3}})
    assert built is not None
    assert built.settings() == {"parts": 1, "field_size": 2, "file_size": 3}
