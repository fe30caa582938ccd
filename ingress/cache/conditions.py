"""Requests for less than the whole answer: If-None-Match and its kin, and ranges.

RFC 9110 sections 13 and 14, for GET and HEAD, against an answer that we have. Without I/O.
"""

import re
from typing import Final

from contracts.call import Reply
from contracts.fault import Fault
from ingress.cache import dates
from ingress.cache.asked import Asked
from ingress.cache.entry import Entry, Fields

_NOT_MODIFIED, _PARTIAL, _OK = 304, 206, 200
# What a 304 says of the answer that the client has (RFC 9110 section 15.4.5), and what else may
# change without its body.
_NOT_IN_304: Final = frozenset({"content-type", "content-encoding", "content-range"})
_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_RANGE: Final = re.compile(
    r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))[ \t]*", re.IGNORECASE
)


def answer(entry: Entry, asked: Asked) -> Reply:
    """Give what a request gets of a stored answer: all of it, a part, or the word that it has it.

    Raises the Fault ``range_not_satisfiable`` (416) for a range behind the end, and
    ``precondition_failed`` (412).
    """
    if entry.code or not asked.conditional:
        return entry.reply()
    if not holds(asked, entry):
        raise Fault("precondition_failed", "the resource is not as If-Match says")
    if entry.status == _OK and _known(asked, entry):
        kept = tuple(pair for pair in entry.fields if pair[0] not in _NOT_IN_304)
        return entry.reply(kept, status=_NOT_MODIFIED, body=b"")
    if entry.status == _OK and asked["range"] and _same(asked["if-range"], entry):
        return _part(entry, asked["range"])
    return entry.reply()


def holds(asked: Asked, entry: Entry) -> bool:
    """Whether If-Match, or else If-Unmodified-Since, holds (section 13.2.2)."""
    if wanted := asked["if-match"]:
        weak = entry.etag.startswith("W/") or not entry.etag
        return wanted.strip() == "*" or (not weak and entry.etag in _TAG.findall(wanted))
    if since := asked["if-unmodified-since"]:
        moment = dates.parse(since)
        return moment is None or entry.modified is None or entry.modified <= moment
    return True


def validators(entry: Entry | None) -> Fields:
    """Give what asks the worker whether an answer still holds (RFC 9111 section 4.3.1)."""
    if entry is None or entry.code:
        return ()
    asked = [("if-none-match", entry.etag)] if entry.etag else []
    if entry.modified is not None:
        said = next(value for name, value in entry.fields if name == "last-modified")
        asked.append(("if-modified-since", said))
    return tuple(asked)


def _known(asked: Asked, entry: Entry) -> bool:
    """Whether the client has this answer; If-None-Match goes before If-Modified-Since."""
    if tags := asked["if-none-match"]:
        if not entry.etag:
            return False
        mine = entry.etag.removeprefix("W/")
        return tags.strip() == "*" or any(
            one.removeprefix("W/") == mine for one in _TAG.findall(tags)
        )
    if since := asked["if-modified-since"]:
        moment = dates.parse(since)
        # RFC 9111 section 4.3.2: without Last-Modified the Date is what it is held against.
        last = entry.modified
        if last is None:
            last = dates.parse(entry.date)
        return moment is not None and last is not None and last <= moment
    return False


def _same(if_range: str, entry: Entry) -> bool:
    """Whether the part that a client has is of this answer (section 13.1.5): strongly."""
    if not if_range:
        return True
    if if_range.startswith(("W/", '"')):
        return if_range == entry.etag and not if_range.startswith("W/")
    moment, date = dates.parse(if_range), dates.parse(entry.date)
    # Section 8.8.2.2: a date is strong when the answer was made a second or more after it.
    strong = moment is not None and date is not None and date - moment >= 1
    return strong and moment == entry.modified


def _part(entry: Entry, wanted: str) -> Reply:
    found = _RANGE.fullmatch(wanted)
    # Section 14.2: what is no range of bytes, or several, may be answered with all of it.
    if found is None:
        return entry.reply()
    first, last, suffix = found.groups()
    length = len(entry.body)
    if suffix is not None:
        start, end = max(0, length - int(suffix)), length
        behind = int(suffix) == 0
    else:
        start, end = int(first), min(int(last) + 1 if last else length, length)
        if last and int(last) < int(first):
            return entry.reply()
        behind = start >= length
    if behind or not length:
        size = (("content-range", f"bytes */{length}"),)
        raise Fault("range_not_satisfiable", f"there are {length} bytes", headers=size)
    kept = tuple(pair for pair in entry.fields if pair[0] != "content-range")
    fields = (*kept, ("content-range", f"bytes {start}-{end - 1}/{length}"))
    return entry.reply(fields, status=_PARTIAL, body=entry.body[start:end])
