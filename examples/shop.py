"""A service with the SDK. Run it with `queuegate worker shop:shop`."""

import time
from typing import Annotated

import msgspec

from queuegate import Context, Fault, Service


class OnlyKnownCallers:
    """A policy: what every operation shares. One that crashes refuses the call."""

    def admit(self, ctx: Context) -> None:
        """Refuse whom the shop does not serve."""
        if ctx.caller.id == "banned":
            raise Fault("forbidden", "not in this shop")


shop = Service("shop", concurrency=20, policies=[OnlyKnownCallers()])


class Item(msgspec.Struct):
    """Something for sale; ``price`` is in cents."""

    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    price: Annotated[int, msgspec.Meta(gt=0)]


shelf: dict[str, Item] = {}


@shop.operation(status=201, faults=["already_there"])
async def add(ctx: Context, item: Item) -> Item:
    """Put an item on the shelf."""
    if item.sku in shelf:
        raise Fault("already_there", f"{item.sku} is on the shelf", status=409, sku=item.sku)
    shelf[item.sku] = item
    ctx.logger.bind(sku=item.sku).info("added")
    return item


@shop.operation(idempotent=True)
async def find(sku: str) -> Item:
    """Give one item: `sku` is a path parameter."""
    if sku not in shelf:
        raise Fault("not_found", f"there is no {sku}")
    return shelf[sku]


@shop.operation(idempotent=True)
def report(limit: int = 10) -> list[Item]:
    """Give some items, slowly: a plain function runs in a thread, and may block."""
    time.sleep(0.01)
    return list(shelf.values())[:limit]
