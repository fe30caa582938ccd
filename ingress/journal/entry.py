"""A record as it is handed to a store: encoded, beside what is looked for."""

from collections.abc import Iterable

from ingress.journal.record import Record, encode


class Entry:
    """A record that is encoded already, with what indexes ask for. The units are the record's.

    ``asker`` is who asked: the caller's id, or the address of one that did not identify itself.
    """

    __slots__ = (
        "asker",
        "code",
        "duration_us",
        "id",
        "method",
        "replay_of",
        "route",
        "run",
        "started",
        "status",
        "stored",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - by keyword it would cost more than all the rest
        self,
        id: str,  # noqa: A002 - the record's word
        started: int,
        duration_us: int,
        route: str,
        method: str,
        status: int,
        code: str,
        asker: str,
        replay_of: str,
        run: str,
        stored: bytes,
    ) -> None:
        self.id = id
        self.started = started
        self.duration_us = duration_us
        self.route = route
        self.method = method
        self.status = status
        self.code = code
        self.asker = asker
        self.replay_of = replay_of
        self.run = run
        self.stored = stored

    def __repr__(self) -> str:
        return f"<Entry {self.id} {self.method} {self.route!r}, {len(self.stored)} bytes>"


Storable = Entry | Record
"""What a store is given."""


def entry(record: Record) -> Entry:
    """Encode a record, so that nothing of it but bytes waits to be written."""
    return Entry(
        record.id,
        record.started,
        record.duration_us,
        record.route,
        record.method,
        record.status,
        record.code,
        record.asker,
        record.replay_of,
        record.run,
        encode(record),
    )


def entries(records: Iterable[Storable]) -> list[Entry]:
    """Encode those that are not encoded yet."""
    return [one if isinstance(one, Entry) else entry(one) for one in records]
