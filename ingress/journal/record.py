"""One request as the journal keeps it: the format, its version, and nothing about where it lies.

Stored, a record is one byte of version and then a msgpack array of its fields in the order below.
A field is only ever added at the end, with a default, so that old records stay readable as they
are; any other change is a new version with a step in :mod:`.migrate`.
"""

from typing import Final, Literal

import msgspec

VERSION: Final = 1

Pairs = tuple[tuple[str, str], ...]
Level = Literal["metadata", "full"]


class JournalError(Exception):
    """A journal, or a record in it, cannot be read or written; the text is for people."""


class Content(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What may be nobody's business: it is redacted, and encrypted where there is a key.

    ``query`` is raw, without the question mark. Headers are (lower-case name, value) pairs. At
    level ``metadata`` there is the query alone.
    """

    query: str = ""
    request_headers: Pairs = ()
    request_body: bytes = b""
    reply_headers: Pairs = ()
    reply_body: bytes = b""


EMPTY: Final = Content()


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One request, its answer, and what happened in between.

    Make it by keyword, unless there are thousands a second of it: so many keywords cost ten times
    what the rest does.

    Units and shapes:

    - ``id`` is the request id. Clients may choose it, so it need not be unique;
    - ``started`` is when the request came, in Unix milliseconds; times with ``_us`` are
      microseconds. ``queue_us`` and ``worker_us`` are both 0 when nothing was sent;
    - ``route`` is the route's name, ``-`` when none matched; ``code`` the fault's code or empty;
    - ``caller`` is who identified itself, ``client`` the IP address;
    - ``bytes_in`` and ``bytes_out`` are the sizes of the whole bodies. ``cut`` says which of
      ``request`` and ``reply`` is shorter in ``content`` than it was;
    - ``redacted`` names what was taken out or hashed: ``request.header authorization``;
    - ``content`` is bytes while it is encrypted with the key ``key``;
    - ``replay_of`` is the id of the request that this one repeats, ``run`` the replay that did it;
    - ``place`` is where the reader found it: give it as the cursor to go on after it. Not stored.
    """

    id: str
    started: int
    method: str
    path: str
    route: str = "-"
    operation: str = ""
    status: int = 0
    code: str = ""
    answered_by: str = ""
    attempts: int = 0
    duration_us: int = 0
    gateway_us: int = 0
    queue_us: int = 0
    worker_us: int = 0
    paused_us: int = 0
    caller: str = ""
    client: str = ""
    level: Level = "metadata"
    bytes_in: int = 0
    bytes_out: int = 0
    cut: tuple[str, ...] = ()
    redacted: tuple[str, ...] = ()
    content: Content | bytes = EMPTY
    key: str = ""
    replay_of: str = ""
    run: str = ""
    place: str = ""

    @property
    def open(self) -> Content:
        """The content; empty while it is encrypted."""
        return EMPTY if isinstance(self.content, bytes) else self.content

    @property
    def locked(self) -> bool:
        """Whether the content is encrypted and no key for it was given."""
        return isinstance(self.content, bytes)

    @property
    def asker(self) -> str:
        """Who asked: the caller's id, or the IP address of one that did not identify itself."""
        return self.caller or self.client

    @property
    def stored(self) -> bytes:
        """The record as it is stored."""
        return encode(self)

    @property
    def target(self) -> str:
        """Path and query, as in a request line."""
        query = self.open.query
        return f"{self.path}?{query}" if query else self.path

    def header(self, name: str, default: str = "") -> str:
        """Give the first value of a request header; ``name`` in lower case."""
        return _first(self.open.request_headers, name, default)

    def reply_header(self, name: str, default: str = "") -> str:
        """Give the first value of a header of the answer; ``name`` in lower case."""
        return _first(self.open.reply_headers, name, default)


def _first(pairs: Pairs, name: str, default: str) -> str:
    return next((value for key, value in pairs if key == name), default)


_HEAD: Final = bytes([VERSION])
_encode: Final = msgspec.msgpack.Encoder().encode


def encode(record: Record) -> bytes:
    """Write a record as it is stored; its place is not."""
    return _HEAD + _encode(record)
