from collections.abc import Iterator
from pathlib import Path

import pytest

from queuegate import TestKit
from workers.samples.orders import service


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestKit]:
    """The orders service with an empty book."""
    monkeypatch.setenv("ORDERS_DB", str(tmp_path / "orders.sqlite"))
    with TestKit(service) as kit:
        yield kit


async def test_an_order_is_placed_and_found(kit: TestKit) -> None:
    """A placed order has an id, a price and a total, and is found by its id."""
    placed = await kit.call("create", json={"sku": "tea-oolong", "quantity": 2})
    assert placed.status == 201
    order = placed.json()
    assert order["total"] == 2 * order["price"] > 0
    found = await kit.call("get", method="GET", params={"id": order["id"]})
    assert (found.status, found.json()) == (200, order)


@pytest.mark.parametrize(
    "order, status, code",
    [
        ({"sku": "tea-oolong"}, 422, "invalid_body"),
        ({"sku": "tea-oolong", "quantity": 0}, 422, "invalid_body"),
        ({"sku": "tea-oolong", "quantity": 101}, 422, "invalid_body"),
        ({"sku": "tea-oolong", "quantity": 1, "colour": "red"}, 422, "invalid_body"),
        ({"sku": "coffee", "quantity": 1}, 422, "unknown_sku"),
        ({"sku": "kettle-copper", "quantity": 1}, 409, "out_of_stock"),
    ],
)
async def test_an_order_that_cannot_be_is_refused(
    kit: TestKit, order: dict[str, object], status: int, code: str
) -> None:
    """Wrong bodies, products that are not sold and empty shelves have faults of their own."""
    answer = await kit.call("create", json=order)
    assert (answer.status, answer.code) == (status, code)


async def test_an_order_that_there_is_not_is_404(kit: TestKit) -> None:
    """An unknown id is ``order_not_found``, for get and for cancel."""
    for operation in ("get", "cancel"):
        answer = await kit.call(operation, params={"id": "nope"})
        assert (answer.status, answer.code) == (404, "order_not_found")


async def test_an_order_is_cancelled_once(kit: TestKit) -> None:
    """Cancelling puts the pieces back; cancelling again is ``already_cancelled``."""
    every = {"sku": "pot-cast-iron", "quantity": 12}
    order = (await kit.call("create", json=every)).json()
    assert (await kit.call("create", json=every)).code == "out_of_stock"
    cancelled = await kit.call("cancel", params={"id": order["id"]})
    assert cancelled.json()["status"] == "cancelled"
    again = await kit.call("cancel", params={"id": order["id"]})
    assert (again.status, again.code) == (409, "already_cancelled")
    assert (await kit.call("create", json=every)).status == 201


async def test_orders_are_listed_by_status(kit: TestKit) -> None:
    """The list is the newest first, of one status if wanted, and as long as wanted."""
    made = [
        (await kit.call("create", json={"sku": "tea-assam", "quantity": 1})).json()["id"]
        for _ in range(3)
    ]
    await kit.call("cancel", params={"id": made[0]})

    async def ids(**query: object) -> list[str]:
        listed = await kit.call("list", method="GET", query=query)
        return [order["id"] for order in listed.json()["orders"]]

    assert await ids() == made[::-1]
    assert await ids(status="cancelled") == made[:1]
    assert await ids(limit=1) == made[2:]
    assert (await kit.call("list", query={"status": "lost"})).status == 400
    assert (await kit.call("list", query={"limit": 1000})).status == 400
