"""A shop in two versions: ``VERSION=2`` differs in three places, ``NOISE=1`` in each answer."""

import os
import time
import uuid
from typing import Any

from queuegate import Context, Fault, Service

NEW = os.environ.get("VERSION") == "2"
NOISE = bool(os.environ.get("NOISE"))
# What the new version has mended.
BUG = 13
# Both versions may serve on one broker, each from its own queue.
shop = Service("shop", queue=os.environ.get("SHOP_QUEUE", "shop"), concurrency=200)


def stamped(value: dict[str, Any]) -> dict[str, Any]:
    """Add what differs in each answer, where that is asked for."""
    if NOISE:
        value |= {"served_at": time.time_ns(), "trace": {"id": uuid.uuid4().hex}}
    return value


@shop.operation
async def get(ctx: Context, id: int) -> dict[str, Any]:  # noqa: A002
    """Give an order."""
    if id % 50 == 0:
        # 1: what was not there is gone.
        raise Fault("gone", status=410) if NEW else Fault("not_found")
    if id == BUG and not NEW:
        raise RuntimeError("a bug")
    lines = [{"sku": f"tea-{number}", "price": number * 1.5} for number in range(3)]
    return stamped({"id": id, "lines": lines})


@shop.operation
async def search(ctx: Context, q: str, limit: int = 3) -> dict[str, Any]:
    """Find orders."""
    found: list[dict[str, Any]] = [{"id": number, "q": q} for number in range(limit)]
    if NEW and limit == 2:
        # 2: rarely, and deep inside, a number became a text.
        found[1]["id"] = "1"
    return stamped({"found": found})


@shop.operation(status=201)
async def add(ctx: Context, order: dict[str, Any]) -> dict[str, Any]:
    """Take an order."""
    told = stamped({"sku": order["sku"], "total": order["quantity"] * 1.5})
    if NEW:
        # 3: a member is missing.
        del told["sku"]
    return told
