"""Orders to drop, from one process to the others."""

import asyncio

import pytest

from contracts.fault import Fault
from contracts.stores import Store, open_store
from ingress.cache.memory import Order
from ingress.cache.orders import Orders
from tests.harness.waiting import eventually
from tests.ingress.cache.stores import store

__all__ = ["store"]

BY_TAG = Order(at=1000.0, tag="menu")
BY_PATH = Order(at=1000.0, host="shop", path="/a")


class Process:
    """One process: what it was told, and what it reported."""

    def __init__(self, store: Store) -> None:
        self.told: list[Order] = []
        self.said: list[str] = []
        self.orders = Orders(store, self.told.append, lambda level, _: self.said.append(level))


async def test_an_order_reaches_the_others(store: Store) -> None:
    """Once each, and not the one who gave it; clocks may differ by a second."""
    one, other = Process(store), Process(store)
    one.orders.tell(BY_TAG)
    one.orders.tell(BY_PATH)
    for process in (one, other, other):
        await process.orders.exchange()
    assert one.told == []
    assert sorted(other.told, key=lambda order: order.tag) == [
        Order(at=1001.0, host="shop", path="/a"),
        Order(at=1001.0, tag="menu"),
    ]


async def test_who_comes_later_is_told_too(store: Store) -> None:
    """Answers that it may still find are those that were dropped before it came."""
    one = Process(store)
    one.orders.tell(BY_TAG)
    await one.orders.exchange()
    late = Process(store)
    await late.orders.exchange()
    assert [order.tag for order in late.told] == ["menu"]


async def test_orders_are_told_soon_by_themselves(store: Store) -> None:
    """And what waits is told before a process ends."""
    one, other = Process(store), Process(store)
    one.orders.start()
    other.orders.start()
    one.orders.tell(BY_TAG)
    await eventually(lambda: bool(other.told), what="the other has heard of it")
    one.orders.tell(BY_PATH)
    await one.orders.stop()
    await eventually(lambda: len(other.told) == 2, what="the last words were heard")
    await other.orders.stop()


async def test_a_store_that_is_away_is_told_once() -> None:
    """Orders wait until it is back, so many at most; then all is dropped."""

    class Away:
        async def put(self, *_: object, **__: object) -> int:
            raise Fault("store_down")

    process = Process(Away())  # type: ignore[arg-type]
    for _ in range(10_100):
        process.orders.tell(BY_PATH)
    with pytest.raises(Fault, match="store_down"):
        await process.orders.exchange()
    assert len(process.orders._waiting) < 10_000
    assert process.orders._waiting[0].all
    process.orders.start()
    await eventually(lambda: process.said == ["WARNING"], what="it is reported")
    await asyncio.sleep(0)
    await process.orders.stop()
    assert process.said == ["WARNING"]


async def test_what_cannot_be_read_drops_all() -> None:
    """A newer version may have written it: to keep too little is safe, to keep too much is not."""
    store = open_store("memory://")
    await store.put("purge:x", b"\xc1")
    process = Process(store)
    await process.orders.exchange()
    assert [order.all for order in process.told] == [True]
    await store.close()
