"""A tea shop's orders: create, get, list and cancel, with refusals of its own."""

import time
import uuid
from typing import Annotated, Literal

import msgspec

from queuegate import Context, Fault, Service
from workers.samples.catalogue import PRODUCTS
from workers.samples.ledger import Ledger, default_path

service = Service("orders", concurrency=20)
ledger = Ledger(default_path)

Status = Literal["placed", "cancelled"]


class NewOrder(msgspec.Struct, forbid_unknown_fields=True):
    """What a client sends to order something."""

    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=100)]
    customer: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Order(msgspec.Struct, frozen=True):
    """An order as the shop knows it.

    ``price`` (for one piece) and ``total`` are in cents, ``created_at`` in Unix milliseconds.
    """

    id: str
    status: Status
    sku: str
    name: str
    quantity: int
    price: int
    total: int
    created_at: int
    customer: str = ""


class Orders(msgspec.Struct, frozen=True):
    """Some orders, the newest first."""

    orders: list[Order]


@service.operation(status=201, idempotent=False, faults=["unknown_sku", "out_of_stock"])
def create(ctx: Context, order: NewOrder) -> Order:
    """Place an order and take its pieces from the stock."""
    product = PRODUCTS.get(order.sku)
    if product is None:
        raise Fault(
            "unknown_sku",
            f"nothing is sold as {order.sku!r}",
            status=422,
            errors=[{"pointer": "/sku", "detail": "is not in the catalogue"}],
        )
    placed = Order(
        id=f"ord_{uuid.uuid4().hex[:12]}",
        status="placed",
        sku=product.sku,
        name=product.name,
        quantity=order.quantity,
        price=product.price,
        total=order.quantity * product.price,
        created_at=time.time_ns() // 1_000_000,
        customer=order.customer or ctx.caller.id,
    )
    with ledger.writing() as connection:
        left = ledger.take(connection, product.sku, order.quantity)
        if left is not None:
            raise Fault(
                "out_of_stock",
                f"{left} pieces of {product.name} are left",
                status=409,
                sku=product.sku,
                available=left,
            )
        ledger.save(connection, placed.id, placed.created_at, placed.status, placed)
    ctx.logger.bind(order=placed.id, total=placed.total).info("order placed")
    return placed


@service.operation(idempotent=True, faults=["order_not_found"])
def get(id: str) -> Order:  # noqa: A002 - the name of the path parameter
    """Give one order."""
    found = ledger.find(id)
    if found is None:
        raise Fault("order_not_found", f"there is no order {id}", status=404)
    return msgspec.json.decode(found, type=Order)


@service.operation(name="list", idempotent=True)
def list_orders(
    status: Status | None = None, limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
) -> Orders:
    """Give the latest orders, all or those of one status."""
    found = ledger.latest(status, limit)
    return Orders([msgspec.json.decode(order, type=Order) for order in found])


# Idempotent: what is cancelled stays cancelled, and its pieces are put back once. The answer to the
# second call is another, so a retry after a lost answer reads `already_cancelled`: which is true.
@service.operation(idempotent=True, faults=["order_not_found", "already_cancelled"])
def cancel(ctx: Context, id: str) -> Order:  # noqa: A002 - as above
    """Cancel an order and put its pieces back."""
    with ledger.writing() as connection:
        order = get(id)
        if order.status == "cancelled":
            raise Fault("already_cancelled", f"order {id} was cancelled before", status=409)
        cancelled = msgspec.structs.replace(order, status="cancelled")
        ledger.put_back(connection, order.sku, order.quantity)
        ledger.save(connection, id, order.created_at, cancelled.status, cancelled)
    ctx.logger.bind(order=id).info("order cancelled")
    return cancelled
