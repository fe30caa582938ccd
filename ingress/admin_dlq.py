"""Dead letters on the admin port: the same as ``queuegate dlq``, for programs."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

import msgspec
from sanic import HTTPResponse, Request

from contracts.brokers.port import Broker
from contracts.fault import Fault
from ingress import dlq, units
from ingress.admin_answers import App, Handler, answer, problem
from ingress.admin_requests import number, page, read_order
from ingress.audit import Audit
from ingress.dlq import OnStep, Order, Tally
from ingress.letters import Filter, document, parse_headers

# Seconds for one order: below what Sanic gives a request. Who wants more asks again.
PATIENCE: Final = 30.0

Carry = Callable[[Broker, str, Order, OnStep | None, Tally | None], Awaitable[Tally]]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of an order; times are written with their unit, ``15m``."""

    ids: tuple[str, ...] = ()
    reason: str = ""
    operation: str = ""
    route: str = ""
    newer: str = ""
    older: str = ""
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    all: bool = False
    limit: Count | None = None
    dry_run: bool = False


class AskedToRequeue(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of an order to send letters again."""

    to: str = ""
    timeout: str = ""
    rate: Annotated[float, msgspec.Meta(gt=0)] | None = None


def add_routes(app: App, broker: Broker, queues: Callable[[], list[str]]) -> None:
    """Serve ``/dlq`` on the admin app; ``queues`` names those of the routes being served."""

    async def survey(_: Request) -> HTTPResponse:
        found = [await dlq.survey(broker, queue) for queue in queues()]
        return answer({"queues": [one for one in found if one is not None]})

    async def show(request: Request, queue: str) -> HTTPResponse:
        letters = await dlq.look(broker, queue, _filter_of_query(request), limit=page(request))
        most = number(request, "body", 200)
        return answer({"queue": queue, "letters": [document(one, most) for one in letters]})

    async def requeue(request: Request, queue: str) -> HTTPResponse:
        asked = read_order(request, AskedToRequeue)
        order = msgspec.structs.replace(
            _order(asked), to=asked.to, rate=asked.rate, timeout=_duration("timeout", asked.timeout)
        )
        if order.to == queue:
            raise Fault("invalid_request", f"to: {queue} is where they are")
        return await _carry_out(request, broker, queue, order, "requeue", dlq.requeue)

    async def drop(request: Request, queue: str) -> HTTPResponse:
        order = _order(read_order(request, Asked))
        return await _carry_out(request, broker, queue, order, "drop", dlq.drop)

    app.add_route(_guarded(survey), "/dlq", name="dlq")
    app.add_route(_guarded(show), "/dlq/<queue>", name="dlq_show")
    app.add_route(_guarded(requeue), "/dlq/<queue>/requeue", methods=["POST"], name="dlq_requeue")
    app.add_route(_guarded(drop), "/dlq/<queue>/drop", methods=["POST"], name="dlq_drop")


def _guarded(handler: Handler) -> Handler:
    """Answer a Fault with its problem document, and take ``orders`` for ``orders.dead``."""

    async def guarded(request: Request, **parts: str) -> HTTPResponse:
        if "queue" in parts:
            # Never a work queue: what waits there is no dead letter.
            parts["queue"] = dlq.queue_of(parts["queue"])
        try:
            return await handler(request, **parts)
        except Fault as fault:
            # A queue that is not there is nothing of the gateway's.
            return problem(fault, 404 if fault.code == "no_route" else None)

    return guarded


async def _carry_out(
    request: Request, broker: Broker, queue: str, order: Order, action: str, carry: Carry
) -> HTTPResponse:
    for name in filter(None, (queue, order.to)):
        if await broker.stats(name) is None:
            raise Fault("no_route", f"there is no queue {name}")
    audit, tally = Audit(f"admin port, {request.ip}"), Tally()
    audit.begun(action, queue, order)
    try:
        await carry(broker, queue, order, None, tally)
    finally:
        audit.ended(action, queue, order, tally)
    return answer({"queue": queue, "dry_run": order.dry_run, **tally.as_dict()})


def _order(asked: Asked) -> Order:
    wanted = Filter(
        ids=asked.ids,
        reason=asked.reason,
        operation=asked.operation,
        route=asked.route,
        newer=_duration("newer", asked.newer),
        older=_duration("older", asked.older),
        headers=tuple(asked.headers.items()),
    )
    if not (wanted.selects or asked.all):
        raise Fault("invalid_body", 'which letters? Give a filter, ids, or "all": true')
    return Order(filter=wanted, limit=asked.limit, dry_run=asked.dry_run, patience=PATIENCE)


def _filter_of_query(request: Request) -> Filter:
    asked = request.args
    try:
        headers = parse_headers(asked.getlist("header", []))
    except ValueError as error:
        raise Fault("invalid_request", str(error)) from None
    return Filter(
        ids=tuple(asked.getlist("id", [])),
        reason=asked.get("reason", ""),
        operation=asked.get("operation", ""),
        route=asked.get("route", ""),
        newer=_duration("newer", asked.get("newer", "")),
        older=_duration("older", asked.get("older", "")),
        headers=headers,
    )


def _duration(name: str, text: str) -> float | None:
    try:
        return units.duration(text) if text else None
    except ValueError as error:
        raise Fault("invalid_request", f"{name}: {error}") from None
