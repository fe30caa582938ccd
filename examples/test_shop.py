"""How to test a service: no broker, no gateway, the same way through the worker."""

from shop import shop  # type: ignore[import-not-found]  # this folder is no package

from queuegate import Caller, TestKit


async def test_an_item_is_added_once() -> None:
    """A second item of the same name is refused."""
    kit = TestKit(shop)
    tea = {"sku": "tea", "price": 450}
    assert (await kit.call("add", json=tea)).status == 201
    assert (await kit.call("add", json=tea)).code == "already_there"
    assert (await kit.call("find", params={"sku": "tea"})).json() == tea


async def test_a_wrong_item_says_what_is_wrong() -> None:
    """All that is wrong is told at once, with the place of each."""
    answer = await TestKit(shop).call("add", json={"sku": "", "price": "cheap"})
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/sku", "/price"]


async def test_a_banned_caller_gets_nothing() -> None:
    """The policy refuses before the operation runs."""
    answer = await TestKit(shop).call("find", params={"sku": "tea"}, caller=Caller(id="banned"))
    assert answer.code == "forbidden"
