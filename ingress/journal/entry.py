"""A record as it is handed to a store: encoded, beside what is looked for."""

from typing import Any, Protocol

import msgspec

from ingress.journal.record import Record, encode_fields


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


# All that a record has, in the order of its fields.
Fields = tuple[Any, ...]


def entry_of(fields: Fields) -> Entry:
    """Encode a record that is there by its fields alone: to make it as well costs half more."""
    return Entry(
        fields[_ID],
        fields[_STARTED],
        fields[_DURATION],
        fields[_ROUTE],
        fields[_METHOD],
        fields[_STATUS],
        fields[_CODE],
        fields[_CALLER] or fields[_CLIENT],
        fields[_REPLAY_OF],
        fields[_RUN],
        encode_fields(fields),
    )


_ID, _STARTED, _DURATION, _ROUTE, _METHOD, _STATUS, _CODE, _CALLER, _CLIENT, _REPLAY_OF, _RUN = map(
    Record.__struct_fields__.index,
    (
        "id",
        "started",
        "duration_us",
        "route",
        "method",
        "status",
        "code",
        "caller",
        "client",
        "replay_of",
        "run",
    ),
)
