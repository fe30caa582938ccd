"""What came of a call to the worker, for those who waited for it."""

from typing import Final

import msgspec

from contracts.call import Reply
from contracts.fault import TABLE, Fault
from ingress.cache import control, dates, storing, use
from ingress.cache.asked import Asked
from ingress.cache.entry import Entry, Fields
from ingress.cache.port import Request
from ingress.cache.storing import Came, Rules, Where
from ingress.fields import without

# Errors of the worker or the way to it, after which a stale answer may do (RFC 5861 section 4).
_ERRORS: Final = frozenset({500, 502, 503, 504})
_NOT_MODIFIED: Final = 304
# Answers that are nobody's but the caller's, or that say so: asking again would change nothing.
_PASSING: Final = frozenset({"request-no-store", "fault", "status", "not-understood"})


class Landed(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, and whether it may be stored.

    ``entry`` is what may be stored, or is; ``refusal`` says in a word why there is none. ``own`` is
    what the one who asked gets, with the fields that are not stored; none after a fault.
    ``status`` is what the worker said.
    """

    entry: Entry | None = None
    own: Entry | None = None
    fault: Fault | None = None
    status: int = 0
    refusal: str = ""
    # The entry is the old one, which the worker said still holds, or which stands in for it.
    validated: bool = False
    stale: bool = False
    # The request that was sent, for its times and who answered it; none where none was.
    inner: Request | None = None

    @property
    def unstorable(self) -> bool:
        """Whether the next answer for this place will most likely not be storable either."""
        return bool(self.refusal) and self.refusal not in _PASSING and not self.stale

    def shared_fault(self) -> Fault | None:
        """Give the fault that all who waited may hear of: one of the worker or the way to it."""
        fault = self.fault
        if fault is None or fault.status not in _ERRORS or fault.code not in TABLE:
            return None
        # Without what it says of the one request that was sent.
        return Fault(fault.code, not_run=fault.not_run, retry_after=fault.retry_after)


class Landing(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides what an answer is: who asked for what, by which rules, and what we had."""

    where: Where
    asked: Asked
    sent: Fields
    rules: Rules
    stale: Entry | None = None


def land(landing: Landing, inner: Request, asked_at: float, came_at: float) -> Landed:
    """Judge the answer to a GET that was sent at ``asked_at`` and came at ``came_at``."""
    old, reply = landing.stale, _whole_reply(inner)
    status = reply.status if reply else 0
    failed = reply is None or status in _ERRORS
    if failed and old and use.usable_after_error(old, landing.asked.directives, came_at):
        return Landed(entry=old, own=old, stale=True, refusal="error", status=status, inner=inner)
    if reply is None:
        fault = inner.fault or Fault("internal")
        came = Came(Reply.of_fault(fault), asked_at, came_at)
        # Only what a worker said: a policy behind us refuses this caller, not all.
        found = _entry(landing, came) if inner.attempts else "fault"
        return _landed(found, None, fault.status, inner, fault=fault)
    came = Came(reply, asked_at, came_at)
    if old is not None and status == _NOT_MODIFIED:
        found = storing.refreshed(old, landing.where, landing.asked, came, landing.rules)
        own = old if isinstance(found, str) else found
        return _landed(found, own, status, inner, validated=True)
    return _landed(_entry(landing, came), _as_it_came(landing.where, came), status, inner)


def _entry(landing: Landing, came: Came) -> Entry | str:
    return storing.entry_of(landing.where, landing.asked, landing.sent, came, landing.rules)


def _landed(
    found: Entry | str,
    own: Entry | None,
    status: int,
    inner: Request,
    *,
    validated: bool = False,
    fault: Fault | None = None,
) -> Landed:
    if isinstance(found, str):
        entry, refusal = None, found
    else:
        entry, refusal = found, ""
    return Landed(
        entry=entry,
        own=own,
        refusal=refusal,
        status=status,
        inner=inner,
        validated=validated,
        fault=fault,
    )


def _as_it_came(where: Where, came: Came) -> Entry:
    """Make an entry with all that the answer says, for the one who asked for it."""
    fields = tuple((name.lower(), value) for name, value in came.reply.headers)
    return Entry(
        host=where.host,
        path=where.path,
        part=where.part,
        status=came.reply.status,
        fields=fields,
        body=came.reply.body,
        born=came.came,
        stored=came.came,
        lifetime=0.0,
        etag=control.joined(fields, "etag"),
        modified=dates.parse(control.joined(fields, "last-modified")),
        date=control.joined(fields, "date"),
    )


def _whole_reply(inner: Request) -> Reply | None:
    """Give the reply with the fields that policies behind the cache added to it."""
    reply = inner.reply
    if reply is None or inner.fault is not None or not inner.headers:
        return reply if inner.fault is None else None
    names = [name for name, _ in inner.headers]
    fields = (*without(reply.headers, names), *inner.headers)
    return msgspec.structs.replace(reply, headers=fields)
