"""A record as it is handed to a store: encoded, beside what is looked for."""

from typing import Protocol

import msgspec

from ingress.journal.record import Record, encode


class Storable(Protocol):
    """What a store is given: a :class:`Record`, or an :class:`Entry` of one."""

    @property
    def id(self) -> str: ...
    @property
    def started(self) -> int: ...
    @property
    def duration_us(self) -> int: ...
    @property
    def route(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def asker(self) -> str: ...
    @property
    def replay_of(self) -> str: ...
    @property
    def run(self) -> str: ...
    @property
    def stored(self) -> bytes:
        """The record, encoded."""
        ...


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A record that is encoded already, with what indexes ask for. The units are the record's."""

    id: str
    started: int
    duration_us: int
    route: str
    method: str
    status: int
    code: str
    asker: str
    replay_of: str
    run: str
    stored: bytes


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
        record.caller or record.client,
        record.replay_of,
        record.run,
        encode(record),
    )
