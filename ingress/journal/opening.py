"""Opens a journal to be read: the one of a route file, or one that was named."""

from pathlib import Path

from contracts.brokers.rabbitmq.stream import RabbitStream
from ingress.journal.compiled import keyring
from ingress.journal.crypt import Keyring
from ingress.journal.reader import Reader
from ingress.journal.record import JournalError
from ingress.journal.sections import STREAM
from ingress.journal.sqlite.reader import SqliteReader
from ingress.journal.stream.reader import StreamReader
from ingress.routefile import RouteFile


def of_route_file(route_file: RouteFile, folder: Path, *, broker: str | None = None) -> Reader:
    """Open the journal of a route file that lies in ``folder``. Raises ``JournalError``.

    ``broker`` is the broker's address where it is another than the route file's.
    """
    if route_file.journal == "off":
        source = route_file.document.source
        raise JournalError(f"{source} has no journal: add `journal: {{}}`, or name one")
    where = broker or route_file.broker
    return open_reader(route_file.journal.store, folder, keyring(route_file), broker=where)


def open_reader(
    store: str, folder: Path, ring: Keyring | None = None, *, broker: str = ""
) -> Reader:
    """Open a store by its name in a route file; a path is relative to ``folder``.

    ``ring`` opens what is encrypted; ``broker`` is where a stream is. Raises ``JournalError`` when
    there is none.
    """
    ring = ring or Keyring()
    if store.startswith(STREAM):
        return StreamReader(open_stream(store, broker, label="queuegate log"), ring.unlock)
    return SqliteReader(folder / store, ring.unlock)


def open_stream(store: str, broker: str, *, label: str) -> RabbitStream:
    """Make the stream of a store's name. Raises ``JournalError`` for a broker that has none."""
    if not broker.startswith(("amqp://", "amqps://")):
        raise JournalError(f"{store} needs RabbitMQ: give an amqp:// URL in BROKER_URL")
    return RabbitStream(broker, store.removeprefix(STREAM), label=label)
