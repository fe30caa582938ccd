"""One recorded call as it is to be sent again, or the reasons why it must not be."""

from typing import Final

import msgspec

from contracts.call import Call, Caller
from ingress.compare.answer import Answer
from ingress.fields import HOP_BY_HOP
from ingress.journal.record import Record
from ingress.replay.hidden import hidden_by
from ingress.replay.mark import HEADER as MARK
from ingress.request_id import HEADER as REQUEST_ID

Pairs = tuple[tuple[str, str], ...]

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 section 9.2.1)."""

IDEMPOTENCY_KEY: Final = "idempotency-key"

REASONS: Final = {
    "unsafe": "changes something and has no idempotency key",
    "metadata": "only metadata was recorded, neither headers nor body",
    "cut": "the body was too large to be recorded whole",
    "redacted": "credentials or data were taken out when it was recorded",
    "locked": "it is encrypted, and the key is not here",
}
"""Why a record is not sent again, unless it is allowed."""

# Of the connection, of this very request, or counted anew by who sends it.
_NOT_SENT: Final = HOP_BY_HOP | {
    *("host", "content-length", "expect", "traceparent", "tracestate", REQUEST_ID, MARK)
}


class Item(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A call to be sent again.

    ``place`` tells the record from all others of its source. ``headers`` are those to be sent,
    the operator's own among them. ``safe`` says that sending it twice is harmless, ``reasons`` are
    those of :data:`REASONS` that speak against sending it. ``before`` is the answer that the
    original got.
    """

    place: str
    original: str
    started: int
    route: str
    operation: str
    method: str
    path: str
    query: str = ""
    headers: Pairs = ()
    body: bytes = b""
    caller: Caller = Caller()
    safe: bool = False
    reasons: tuple[str, ...] = ()
    before: Answer = Answer()

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def call(self, run: str, request_id: str, *, deadline: int = 0) -> Call:
        """Give the call of its own that repeats it."""
        return Call(
            id=request_id,
            operation=self.operation,
            method=self.method,
            path=self.path,
            query=self.query,
            headers=self.headers,
            body=self.body,
            caller=self.caller,
            route=self.route,
            deadline=deadline,
            replay=f"{run}/{self.original}",
        )


def item_of(record: Record, supplied: Pairs = ()) -> Item:
    """Make the item of a record; ``supplied`` headers take the place of those of their name."""
    content = record.open
    names = {name for name, _ in supplied}
    hidden = {_header_of(mark) for mark in record.redacted}
    kept = tuple(
        pair
        for pair in content.request_headers
        if pair[0] not in _NOT_SENT and pair[0] not in names and pair[0] not in hidden
    )
    headers = (*kept, *supplied)
    safe = record.method in SAFE or any(name == IDEMPOTENCY_KEY for name, _ in headers)
    return Item(
        place=record.place or f"{record.started}-{record.id}",
        original=record.id,
        started=record.started,
        route=record.route,
        operation=record.operation,
        method=record.method,
        path=record.path,
        query=content.query,
        headers=headers,
        body=content.request_body,
        caller=Caller(id=record.caller, address=record.client),
        safe=safe,
        reasons=tuple(_reasons(record, names, safe=safe)),
        before=answer_of(record),
    )


def answer_of(record: Record) -> Answer:
    """Give the answer that a record holds."""
    content = record.open
    return Answer(
        status=record.status,
        headers=content.reply_headers,
        body=content.reply_body,
        code=record.code,
        seconds=record.duration_us / 1_000_000,
        cut="reply" in record.cut,
        hidden=hidden_by(record.redacted),
        bare=record.locked or record.level != "full",
    )


def _reasons(record: Record, supplied: set[str], *, safe: bool) -> list[str]:
    reasons = [] if safe else ["unsafe"]
    if record.locked:
        return [*reasons, "locked"]
    if record.level != "full":
        reasons.append("metadata")
    if "request" in record.cut:
        reasons.append("cut")
    taken = [one for one in record.redacted if not one.startswith("reply.")]
    if any(_header_of(one) not in supplied for one in taken):
        reasons.append("redacted")
    return reasons


def _header_of(mark: str) -> str:
    """Name the request header that a mark of the journal speaks of; empty for something else."""
    begin = "request.header "
    return mark.removeprefix(begin).partition(" ")[0] if mark.startswith(begin) else ""
