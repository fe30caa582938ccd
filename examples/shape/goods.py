"""A service whose types are the schemas that its gateway validates by."""

from typing import Annotated

import msgspec

from queuegate import Context, Service

goods = Service("goods")

Sku = Annotated[str, msgspec.Meta(pattern="^[a-z0-9-]{1,32}$")]
Cents = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class Item(msgspec.Struct, forbid_unknown_fields=True):
    """Something to sell."""

    sku: Sku
    price: Cents
    tags: list[str] = []


STOCK = [Item("tea", 450, ["hot"]), Item("cup", 900)]


@goods.operation(status=201)
async def add(item: Item) -> Item:
    """Take a new item into the range."""
    return item


@goods.operation
async def find(limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10, tag: str = "") -> list[Item]:
    """List items, perhaps of one tag."""
    return [item for item in STOCK if not tag or tag in item.tags][:limit]


@goods.operation(name="get")
async def get_one(sku: Sku) -> Item:
    """Give one item."""
    return Item(sku, 450)


@goods.operation
async def broken(ctx: Context) -> Item:
    """Promise an item, and give something else."""
    ctx.logger.info("about to answer nonsense")
    return {"sku": "tea"}  # type: ignore[return-value]


@goods.operation
async def count(body: list[Item]) -> dict[str, int]:
    """Count the items of a list."""
    return {"items": len(body)}


@goods.operation
async def catalogue() -> list[Item]:
    """List more than anybody reads."""
    return [Item(f"tea-{index}", 100 + index) for index in range(1000)]
