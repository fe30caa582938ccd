"""Puts the parts of a run together from what was ordered."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from contracts.brokers.opening import open_broker
from contracts.brokers.port import Broker
from contracts.fault import Fault
from ingress.compile import compile_plans
from ingress.journal.compiled import keyring
from ingress.journal.opening import open_reader
from ingress.journal.reader import Reader
from ingress.journal.record import Record
from ingress.journal.sections import STREAM
from ingress.replay import har, keys
from ingress.replay.engine import Replay
from ingress.replay.hidden import Hiding
from ingress.replay.item import Item, Pairs, item_of
from ingress.replay.mark import Marks
from ingress.replay.order import JOURNAL, Order
from ingress.replay.runs import Runs
from ingress.replay.sinks.http import HttpSink
from ingress.replay.sinks.port import Sink
from ingress.replay.sinks.queue import Detour, QueueSink
from ingress.replay.source import JournalSource
from ingress.routefile import RouteFile
from ingress.router import Router

# Seconds to wait for a broker.
_PATIENCE: Final = 10.0


class UsageError(Exception):
    """What was ordered cannot be done so; the text says what to write instead."""


def open_journal(
    route_file: RouteFile | None, folder: Path, store: str | None, *, broker: str | None = None
) -> Reader:
    """Open the journal of a route file in ``folder``, or the store that is named.

    ``broker`` is where a stream is, when it is another than the route file's.

    Raises ``UsageError`` when there is no saying which, ``JournalError`` when it cannot be read.
    """
    section = route_file.journal if route_file else "off"
    if store is None:
        if section == "off":
            raise UsageError("which journal? Name one, or a route file with `journal:`")
        store, where = section.store, folder
    else:
        where = Path()
    if not (store.startswith(STREAM) or (where / store).exists()):
        raise UsageError(f"there is no journal at {where / store}")
    at = broker or (route_file.broker if route_file else "")
    return open_reader(store, where, keyring(route_file) if route_file else None, broker=at)


@contextmanager
def source_of(
    order: Order, reader: Callable[[], AbstractContextManager[Reader]]
) -> Iterator[Iterable[Record]]:
    """Give the records of an order's source, but for dead letters, for the time of the block."""
    if order.source == JOURNAL:
        with reader() as opened:
            yield JournalSource(opened, order.wanted)
        return
    path = Path(order.source)
    if not path.exists():
        raise UsageError(f"there is no file {path}")
    yield [one for one in har.read(path) if order.wanted.fits(one)]


def items_of(
    records: Iterable[Record], order: Order, supplied: Pairs, hide: Hiding
) -> Iterator[Item]:
    """Make the items of a run, with the reasons that were not allowed.

    What a file says was answered is hidden here; the journal has done so when it was written.
    """
    for record in islice(records, order.limit):
        item = item_of(record, supplied)
        if order.source != JOURNAL:
            before = hide(item.route, item.before)
            item = msgspec.structs.replace(item, before=before)
        if item.reasons and order.allow:
            left = tuple(reason for reason in item.reasons if reason not in order.allow)
            item = msgspec.structs.replace(item, reasons=left)
        yield item


def router_of(route_file: RouteFile | None) -> Router | None:
    """Compile the routes, if there are any."""
    return Router(compile_plans(route_file)) if route_file else None


def replay_of(
    order: Order, runs: Runs, run: str, sink: Sink, router: Router | None, *, retry_unknown: bool
) -> Replay:
    """Make the engine of a run. Raises ``UsageError``."""
    try:
        key = keys.of(order.key, router) if order.key else None
        pace = order.pace
    except ValueError as error:
        raise UsageError(str(error)) from None
    return Replay(
        runs,
        run,
        sink,
        pace=pace,
        key=key,
        concurrency=order.concurrency,
        retry_unknown=retry_unknown,
        hide=Hiding(router),
    )


def target_of(order: Order, broker_url: str) -> str:
    """Name the target of an order, as its sink will; raises ``UsageError`` for none or several."""
    if order.targets != 1:
        raise UsageError(
            "where to? Give one of --to URL, --direct (the queues of the route file),"
            " --queue QUEUE and --exchange EXCHANGE"
        )
    if order.to:
        try:
            return HttpSink(order.to).name
        except ValueError as error:
            raise UsageError(str(error)) from None
    detour = _detour(order)
    return f"{_place(broker_url)} {detour}" if detour else f"{_place(broker_url)} queues"


async def open_sink(order: Order, router: Router | None, marks: Marks, broker_url: str) -> Sink:
    """Open the way to the target; raises ``UsageError``, or Fault when no broker is there."""
    if order.to:
        return HttpSink(order.to, timeout=order.timeout or 30.0, marks=marks)
    if router is None:
        raise UsageError("straight to the queues needs a route file: name it with --config")
    broker: Broker = open_broker(broker_url, name="queuegate replay")
    sink = QueueSink(
        broker,
        router,
        name=_place(broker_url),
        detour=_detour(order),
        timeout=order.timeout,
    )
    broker.start()
    try:
        await broker.ready(_PATIENCE)
    except Fault:
        await broker.close()
        raise
    return sink


def _detour(order: Order) -> Detour:
    return Detour(queue=order.queue, exchange=order.exchange, routing_key=order.routing_key)


def _place(broker_url: str) -> str:
    """Name a broker without its password; of a cluster the first node."""
    parts = urlsplit(broker_url.partition(",")[0])
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
