"""A service that says who is calling, and one operation that decides it."""

from queuegate import Context, Fault, Service

service = Service("door")

TICKETS = {"row-7": "7F", "row-8": "8A"}


@service.operation
async def who(ctx: Context) -> dict[str, object]:
    """Say who the gateway says is calling."""
    caller = ctx.call.caller
    return {"who": caller.id, "scopes": list(caller.scopes), "seat": ctx.call.header("x-seat")}


@service.operation
async def check(ctx: Context) -> dict[str, object]:
    """Decide: whoever has a ticket may come in."""
    ticket = ctx.call.header("x-ticket")
    if not ticket:
        raise Fault("unauthenticated")
    if ticket not in TICKETS:
        raise Fault("forbidden")
    return {"id": ticket, "fields": {"x-seat": TICKETS[ticket]}}
