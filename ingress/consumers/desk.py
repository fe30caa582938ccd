"""The office's orders as they are sent: a method, a path, a JSON body.

The admin port and the commands both come here, so that what one can do the other can.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from contracts.fault import Fault
from ingress import order_body
from ingress.consumers.office import Office
from ingress.consumers.orders import ConsumerOrder, KeyOrder, PlanOrder, RotateOrder, Word

Act = Callable[[Office, str, Any], Awaitable[Any]]


class NewConsumer(ConsumerOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A consumer that is to be added."""

    name: Word


class Entry(msgspec.Struct, frozen=True):
    """One order: ``act`` gets the office, the name in the path (or ``?consumer=``), the body."""

    method: str
    path: str
    act: Act
    body: type[msgspec.Struct] | None = None
    status: int = 200


async def _add(office: Office, _: str, order: NewConsumer) -> Any:  # noqa: ANN401 - a document
    return await office.add_consumer(order.name, order)


_CONSUMERS: Final = "/v1/consumers"
_KEYS: Final = "/v1/keys"
_PLANS: Final = "/v1/usage-plans"

ENTRIES: Final[tuple[Entry, ...]] = (
    Entry("GET", _CONSUMERS, lambda office, *_: office.consumers()),
    Entry("POST", _CONSUMERS, _add, NewConsumer, 201),
    Entry("GET", f"{_CONSUMERS}/<name>", lambda office, name, _: office.consumer(name)),
    Entry("PATCH", f"{_CONSUMERS}/<name>", Office.set_consumer, ConsumerOrder),
    Entry("DELETE", f"{_CONSUMERS}/<name>", lambda office, name, _: office.remove_consumer(name)),
    Entry("GET", _KEYS, lambda office, name, _: office.keys(name)),
    Entry("POST", _KEYS, lambda office, _, order: office.issue(order), KeyOrder, 201),
    Entry("POST", f"{_KEYS}/<name>/rotate", Office.rotate, RotateOrder, 201),
    Entry("DELETE", f"{_KEYS}/<name>", lambda office, name, _: office.revoke(name)),
    Entry("GET", _PLANS, lambda office, *_: office.plans()),
    Entry("GET", f"{_PLANS}/<name>", lambda office, name, _: office.plan(name)),
    Entry("PATCH", f"{_PLANS}/<name>", Office.set_plan, PlanOrder),
    Entry("DELETE", f"{_PLANS}/<name>", lambda office, name, _: office.remove_plan(name)),
)


def find(method: str, path: str) -> tuple[Entry, str]:
    """Find the order of a path as it is sent, with the name in it. Raises ``not_found``."""
    parts = path.split("/")
    for entry in ENTRIES:
        wanted = entry.path.split("/")
        if entry.method != method or len(wanted) != len(parts):
            continue
        pairs = list(zip(wanted, parts, strict=True))
        if all(one in ("<name>", other) for one, other in pairs):
            return entry, unquote(next((other for one, other in pairs if one == "<name>"), ""))
    raise Fault("not_found")


async def carry_out(office: Office, entry: Entry, name: str, body: bytes) -> Any:  # noqa: ANN401 - a document
    """Read the body and do what is asked; gives the document of the answer."""
    order = None if entry.body is None else order_body.read(body, entry.body)
    return await entry.act(office, name, order)
