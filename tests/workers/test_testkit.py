import threading

import msgspec
import pytest

from contracts.call import Call, Caller
from contracts.fault import Fault
from tests.harness.waiting import eventually
from workers.context import Context
from workers.service import Service
from workers.testkit import TestKit

service = Service("shop")


class Item(msgspec.Struct):
    sku: str
    quantity: int = 1


@service.operation(status=201)
async def add(item: Item) -> Item:
    """Give it back."""
    return item


@service.operation
def look(call: Call, ctx: Context, id: str, tags: list[str]) -> dict[str, object]:  # noqa: A002
    """Tell what came."""
    return {
        "id": id,
        "tags": tags,
        "caller": ctx.caller.id,
        "method": call.method,
        "agent": call.header("user-agent"),
        "hurry": ctx.left < 10,
        "again": ctx.redelivered,
        "replay": ctx.replay,
    }


@service.operation
async def refuse() -> None:
    """Refuse."""
    raise Fault("out_of_tea", "none left", status=409, shelf=3)


async def test_a_call_gives_an_answer() -> None:
    """A call with JSON gives status, headers and body, parsed at wish."""
    answer = await TestKit(service).call("add", json={"sku": "tea"})
    assert answer.status == 201
    assert answer.code == ""
    assert answer.header("content-type") == "application/json"
    assert answer.json() == {"sku": "tea", "quantity": 1}
    assert answer.as_(Item) == Item("tea")


async def test_a_fault_is_an_answer_too() -> None:
    """A fault is not raised: its status, code and problem document can be looked at."""
    answer = await TestKit(service).call("shop.refuse")
    assert (answer.status, answer.code) == (409, "out_of_tea")
    assert answer.fault is not None
    assert answer.json()["shelf"] == 3


async def test_all_parts_of_a_call_can_be_given() -> None:
    """Parameters, query, headers, method, caller and deadline reach the operation."""
    with TestKit(service) as kit:
        answer = await kit.call(
            "look",
            params={"id": "7"},
            query={"tags": ["a", "b c"]},
            headers={"User-Agent": "test"},
            method="GET",
            caller=Caller(id="ann"),
            timeout=5,
            redelivered=True,
            replay="r-0",
        )
    assert answer.json() == {
        "id": "7",
        "tags": ["a", "b c"],
        "caller": "ann",
        "method": "GET",
        "agent": "test",
        "hurry": True,
        "again": True,
        "replay": "r-0",
    }


async def test_it_goes_the_way_of_a_real_call() -> None:
    """Binding errors are those of a running worker."""
    kit = TestKit(service)
    assert (await kit.call("add", body=b"{", content_type="application/json")).status == 400
    assert (await kit.call("add", body=b"{}", content_type="text/plain")).status == 415
    assert (await kit.call("add", json={})).status == 422


@pytest.mark.parametrize("verified", [True, False])
async def test_a_caller_may_be_one_that_a_gateway_signed(*, verified: bool) -> None:
    """For operations and policies that look."""
    signed = Service("signed")

    @signed.operation
    async def who(ctx: Context) -> dict[str, object]:
        groups = ctx.statement.groups if ctx.statement else ()
        return {"verified": ctx.verified, "groups": groups}

    caller = Caller(id="ann", groups=("staff",))
    answer = await TestKit(signed).call("who", caller=caller, verified=verified)
    assert answer.json() == {"verified": verified, "groups": ["staff"] if verified else []}


async def test_an_operation_that_there_is_not_is_an_error_of_the_test() -> None:
    """A call for what is not offered raises and names what is."""
    with pytest.raises(LookupError, match="add, look, refuse"):
        await TestKit(service).call("nothing")


async def test_its_threads_end_with_it() -> None:
    """Leaving the ``with`` ends the threads of the kit."""
    with TestKit(service) as kit:
        await kit.call("look", params={"id": "7"}, query="tags=a")
    await eventually(
        lambda: not [t for t in threading.enumerate() if t.name.startswith("testkit-")]
    )
