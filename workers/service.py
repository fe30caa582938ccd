"""A service: a name, a queue, and the operations that plain functions become."""

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from typing import Any, Final, TypeVar, overload

from msgspec.structs import replace

from contracts.brokers.port import LARGEST_LOT, Queue
from contracts.dead_letter import dead_queue
from contracts.dialects import DEFAULT, dialect
from contracts.operation import Operation
from workers.binding import ServiceError, compile_binding
from workers.callers import CallerKeys
from workers.endpoint import Endpoint
from workers.policy import Policy
from workers.results import NO_CONTENT, OK

_Function = TypeVar("_Function", bound=Callable[..., Any])

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
# What AMQP 0-9-1 has to offer (section 3.1.10); each costs the broker a queue inside the queue.
_HIGHEST_PRIORITY: Final = 9
_MOST_LANES: Final = 256
_LOWEST_STATUS, _BEYOND = 200, 600
MAX_REPLY: Final = 16 * 1024 * 1024
# What is prefetched beside a message that kills its worker comes back with it and is counted too;
# so it is more than the two or three times that bad luck may hit an innocent one.
DELIVERY_LIMIT: Final = 5


class Service:
    """A group of operations that share a queue.

    ::

        orders = Service("orders", concurrency=100)

        @orders.operation(status=201, faults=["out_of_stock"])
        async def create(ctx: Context, order: NewOrder) -> Order: ...

    Args:
        name: the part of the operation names before the dot.
        queue: the queue to consume from, by name or with its settings:
            ``Queue(name="orders", quorum=True, max_length=10_000)``; ``name`` when left out.
        concurrency: how many calls run at one time in one process.
        prefetch: how many calls the broker hands out ahead; ``concurrency`` when left out. More
            hides the way to the broker, and keeps calls from workers that are free.
        bundle: how many calls may come in one message from a gateway, which spares the broker most
            of its work; when left out, as many as run at one time, up to 32. 1 is for a queue from
            which others consume too, who cannot take a bundle apart (docs/wire.md).
        dialect: how messages are written: ``queuegate`` or ``raw``.
        policies: what every call goes through before its operation runs, in this order.
        max_reply: the largest body of a reply, in bytes.
        delivery_limit: how many workers a message may cost before it is put to the dead letters.
        lanes: in how many queues the calls are divided, for routes with ``affinity``: the queues
            ``NAME.0`` to ``NAME.7`` for 8. Each has one consumer at a time and runs one call after
            the other, so what belongs together is done in order.
        callers: the keys that gateways sign with who is calling; a call that is not signed with one
            of them is refused as ``forbidden``. When left out, those of the process
            (``QUEUEGATE_CALLER_KEYS``), and without any nothing is checked. ``UNSIGNED`` checks
            nothing in any case.

    Raises ``ServiceError`` for a name or a number that cannot be.
    """

    def __init__(  # noqa: PLR0913 - each is a setting, by keyword
        self,
        name: str,
        *,
        queue: str | Queue = "",
        concurrency: int = 100,
        prefetch: int | None = None,
        bundle: int | None = None,
        dialect: str = DEFAULT,
        policies: Sequence[Policy] = (),
        max_reply: int = MAX_REPLY,
        delivery_limit: int = DELIVERY_LIMIT,
        lanes: int | None = None,
        callers: CallerKeys | None = None,
    ) -> None:
        _check_settings(name, concurrency, prefetch, dialect)
        if bundle is not None and bundle < 1:
            raise ServiceError(f"service {name}: bundle is at least 1")
        if delivery_limit < 1:
            raise ServiceError(f"service {name}: delivery_limit is at least 1")
        if lanes is not None and not 1 <= lanes <= _MOST_LANES:
            raise ServiceError(f"service {name}: lanes are from 1 to {_MOST_LANES}")
        self.name = name
        self.lanes = lanes
        # How it is declared; a queue that is there already, with other settings, stays as it is.
        self.work = _work_queue(queue or name)
        self.queue = self.work.name
        # Replicated like the work queue: what was accepted is to be kept when it fails, too.
        self.dead_letters = Queue(name=dead_queue(self.queue), quorum=self.work.quorum)
        self.concurrency = concurrency
        self.prefetch = concurrency if prefetch is None else prefetch
        # No call should wait in a worker for a place that it would have had in another.
        self.bundle = min(bundle or LARGEST_LOT, LARGEST_LOT, concurrency, self.prefetch)
        self.dialect = dialect
        self.policies = tuple(policies)
        self.max_reply = max_reply
        self.delivery_limit = delivery_limit
        self.callers = callers
        # By full name, as calls ask for them.
        self.endpoints: dict[str, Endpoint] = {}

    def __repr__(self) -> str:
        names = ", ".join(name.partition(".")[2] for name in self.endpoints) or "no operations"
        return (
            f"<Service {self.name}: {names} (queue {self.queue}, concurrency {self.concurrency})>"
        )

    def in_lanes(self) -> list["Service"]:
        """Give the service once for each queue that it consumes from; nearly always it is one."""
        return [self] if self.lanes is None else [self._lane(n) for n in range(self.lanes)]

    def _lane(self, number: int) -> "Service":
        lane = copy(self)
        lane.lanes = None
        lane.queue = f"{self.queue}.{number}"
        lane.work = replace(self.work, name=lane.queue, single_active=True)
        lane.dead_letters = replace(self.dead_letters, name=dead_queue(lane.queue))
        lane.concurrency = lane.prefetch = lane.bundle = 1
        return lane

    @property
    def operations(self) -> list[Operation]:
        """What the service offers, in the order of its definitions."""
        return [endpoint.operation for endpoint in self.endpoints.values()]

    @overload
    def operation(self, function: _Function, /) -> _Function: ...

    @overload
    def operation(
        self,
        /,
        *,
        name: str = "",
        status: int | None = None,
        idempotent: bool | None = None,
        faults: Iterable[str] = (),
        summary: str = "",
    ) -> Callable[[_Function], _Function]: ...

    def operation(
        self,
        function: _Function | None = None,
        /,
        *,
        name: str = "",
        status: int | None = None,
        idempotent: bool | None = None,
        faults: Iterable[str] = (),
        summary: str = "",
    ) -> _Function | Callable[[_Function], _Function]:
        """Make a function an operation; the function itself stays as it is.

        Args:
            function: given when it is used without parentheses.
            name: the part after the dot; the function's name when left out.
            status: the HTTP status of a success; 200 when left out, or 204 for ``None``.
            idempotent: whether running it twice is the same as once. When left out, the call's
                method decides (RFC 9110 section 9.2.2).
            faults: the codes that it raises on purpose, for the documentation.
            summary: one line; the first line of the docstring when left out.

        Raises ``ServiceError`` for a signature that cannot be bound (see ``workers.binding``).
        """

        def register(wrapped: _Function) -> _Function:
            full = f"{self.name}.{name or wrapped.__name__}"
            _check_function(wrapped, full, status, known=full in self.endpoints)
            binding = compile_binding(wrapped)
            success = status or (NO_CONTENT if binding.returns_nothing else OK)
            operation = Operation(
                name=full,
                summary=summary or (inspect.getdoc(wrapped) or "").partition("\n")[0],
                request=binding.request,
                reply=binding.reply,
                parameters=binding.parameters,
                required=binding.required,
                faults=tuple(faults),
                idempotent=bool(idempotent),
                status=success,
            )
            self.endpoints[full] = Endpoint(
                wrapped,
                operation,
                binding,
                status=status,
                idempotent=idempotent,
                policies=self.policies,
            )
            return wrapped

        return register if function is None else register(function)


def _work_queue(asked: str | Queue) -> Queue:
    if isinstance(asked, str):
        return Queue(name=asked)
    if asked.passive or asked.auto_delete or not asked.durable:
        raise ServiceError(f"queue {asked.name}: what was accepted lies in it, so it has to stay")
    if asked.max_length is not None and asked.max_length < 1:
        raise ServiceError(f"queue {asked.name}: max_length is at least 1")
    if asked.max_priority is not None and not 1 <= asked.max_priority <= _HIGHEST_PRIORITY:
        raise ServiceError(f"queue {asked.name}: max_priority is from 1 to {_HIGHEST_PRIORITY}")
    if asked.max_priority is not None and asked.quorum:
        raise ServiceError(f"queue {asked.name}: RabbitMQ knows priorities in classic queues alone")
    return asked


def _check_settings(name: str, concurrency: int, prefetch: int | None, speaks: str) -> None:
    if not _NAME.fullmatch(name):
        raise ServiceError(f"a service is named with letters, digits, - and _, not {name!r}")
    if concurrency < 1 or (prefetch is not None and prefetch < 1):
        raise ServiceError(f"service {name}: concurrency and prefetch are at least 1")
    try:
        dialect(speaks)
    except ValueError as error:
        raise ServiceError(f"service {name}: {error}") from None


def _check_function(
    function: Callable[..., Any], full: str, status: int | None, *, known: bool
) -> None:
    if known:
        raise ServiceError(f"there are two operations {full}")
    if not _NAME.fullmatch(full.partition(".")[2]):
        raise ServiceError(f"{full!r} cannot be the name of an operation")
    if status is not None and not _LOWEST_STATUS <= status < _BEYOND:
        raise ServiceError(f"{full}: a status is from 200 to 599, not {status}")
    plain = inspect.unwrap(function)
    if inspect.isgeneratorfunction(plain) or inspect.isasyncgenfunction(plain):
        raise ServiceError(f"{full}: an operation answers once, so it cannot be a generator")
