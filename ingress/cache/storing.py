"""Whether an answer may be stored, and as what: RFC 9111 sections 3 and 5.2.2, without I/O."""

from email.utils import formatdate
from typing import Final

import msgspec

from contracts.call import Reply
from contracts.fault import Fault
from ingress.cache import control, dates, freshness, vary
from ingress.cache.asked import Asked
from ingress.cache.control import Directives
from ingress.cache.entry import Entry, Fields
from ingress.cache.freshness import NEGATIVE, Said
from ingress.fields import HOP_BY_HOP

OURS: Final = "queuegate-cache-control"
TAGS: Final = ("cache-tag", "surrogate-key")
# What an answer says for this hop alone (RFC 9111 section 3.1), or what we say ourselves.
_NOT_STORED: Final = HOP_BY_HOP | {
    *("proxy-authentication-info", "content-length", "age", "date", "cache-status", OURS),
}
_UNDERSTOOD: Final = frozenset(
    {
        *range(200, 206),
        *range(300, 304),
        307,
        308,
        *range(400, 418),
        421,
        422,
        426,
        *range(500, 506),
    }
    | {423, 424, 425, 428, 429, 431, 451, 507, 508, 511}
)
_LOWEST_FINAL, _PARTIAL, _NOT_MODIFIED = 200, 206, 304
_MOST_TAGS: Final = 64


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What a route sets; seconds and bytes.

    ``targets`` are the targeted fields that we obey, the first that is there alone (RFC 9213).
    ``public`` takes every answer as if the worker said so.
    """

    said: Said = Said()
    stale_while_revalidate: float = 0.0
    stale_if_error: float = 0.0
    max_entry: int = 1024**2
    store_cookies: bool = False
    public: bool = False
    targets: tuple[str, ...] = (OURS, "cdn-cache-control")
    tags: tuple[str, ...] = ()


class Where(msgspec.Struct, frozen=True):
    """Under what an answer is stored, and who asked for it.

    ``authenticated`` says that somebody asked who gave credentials, ``apart`` that what is stored
    is for the same caller alone.
    """

    host: str
    path: str
    part: str
    authenticated: bool = False
    apart: bool = False


class Came(msgspec.Struct, frozen=True):
    """An answer that came, and when: Unix seconds."""

    reply: Reply
    asked: float
    came: float


def entry_of(where: Where, asked: Asked, sent: Fields, came: Came, rules: Rules) -> Entry | str:
    """Make the entry for an answer to a GET, or say in a word why there is none.

    ``sent`` are the request's fields: those that Vary names are remembered.
    """
    reply = came.reply
    if reply.fault is not None:
        return _of_fault(where, asked, reply.fault, came, rules)
    fields = tuple((name.lower(), value) for name, value in reply.headers)
    directives, targeted = control.effective(fields, rules.targets)
    named = vary.names(fields)
    if refusal := _refusal(where, asked, reply, directives, named, rules):
        return refusal
    if not rules.store_cookies and any(name == "set-cookie" for name, _ in fields):
        return "set-cookie"
    lifetime = freshness.explicit_lifetime(fields, directives, came.came, targeted=targeted)
    implied = lifetime is None and not _for_all(directives, rules)
    if lifetime is None:
        lifetime = freshness.default_lifetime(
            fields, directives, reply.status, came.came, rules.said
        )
    if implied and asked["cookie"] and not where.apart:
        return "cookie"
    kept, (strict, revalidate, on_error) = _kept(fields, directives), _stale(directives, rules)
    etag, date = _last(fields, "etag"), _last(fields, "date")
    modified = dates.parse(_last(fields, "last-modified"))
    if lifetime is None and not ((etag or modified is not None) and reply.status < 300):  # noqa: PLR2004 - not to be asked again with a condition
        return "no-lifetime"
    return Entry(
        host=where.host,
        path=where.path,
        part=where.part,
        vary=named,
        varied=vary.values(sent, named),
        status=reply.status,
        fields=kept,
        body=reply.body,
        born=came.came - freshness.initial_age(fields, came.asked, came.came),
        stored=came.came,
        lifetime=lifetime or 0.0,
        strict=strict,
        revalidate=revalidate,
        on_error=on_error,
        validate=directives.get("no-cache", "") is None,
        implied=implied,
        etag=etag,
        modified=modified,
        # Who says no Date means now (RFC 9110 section 6.6.1).
        date=date or formatdate(came.came, usegmt=True),
        tags=_tags(fields, rules),
    )


def refreshed(entry: Entry, where: Where, asked: Asked, came: Came, rules: Rules) -> Entry | str:
    """Make the entry anew after a 304 (RFC 9111 sections 3.2 and 4.3.4), or say why not.

    Each field of the 304 takes the place of the stored ones of its name; what describes the body
    that we have does not.
    """
    said = tuple((name.lower(), value) for name, value in came.reply.headers)
    fresh = tuple(pair for pair in said if pair[0] not in _OF_THE_BODY)
    names = {name for name, _ in fresh}
    old = tuple(pair for pair in entry.fields if pair[0] not in names)
    reply = Reply(status=entry.status, headers=(*old, *fresh), body=entry.body)
    found = entry_of(where, asked, (), Came(reply, came.asked, came.came), rules)
    if isinstance(found, str):
        return found
    return msgspec.structs.replace(found, vary=entry.vary, varied=entry.varied)


_OF_THE_BODY: Final = frozenset({"content-encoding", "content-type", "content-range"})


def _refusal(
    where: Where,
    asked: Asked,
    reply: Reply,
    directives: Directives,
    named: tuple[str, ...],
    rules: Rules,
) -> str:
    status = reply.status
    if status < _LOWEST_FINAL or status in {_PARTIAL, _NOT_MODIFIED}:
        return "status"
    if "no-store" in asked.directives:
        return "request-no-store"
    if forbidden := _forbidden(status, directives):
        return forbidden
    if vary.ANYTHING in named:
        return "vary"
    if where.authenticated and not (where.apart or _for_all(directives, rules)):
        return "authorization"
    return "too-large" if len(reply.body) > rules.max_entry else ""


def _forbidden(status: int, directives: Directives) -> str:
    """Say whether the worker forbids it, in a word."""
    if "must-understand" in directives:
        # RFC 9111 section 5.2.2.3: then no-store is for those who do not know the status.
        if status not in _UNDERSTOOD:
            return "not-understood"
    elif "no-store" in directives:
        return "no-store"
    return "private" if directives.get("private", "") is None else ""


def _for_all(directives: Directives, rules: Rules) -> bool:
    """Whether an answer to one who gave credentials is for others too (RFC 9111 section 3.5)."""
    return rules.public or not directives.keys().isdisjoint(
        {"public", "s-maxage", "must-revalidate"}
    )


def _stale(directives: Directives, rules: Rules) -> tuple[bool, float, float]:
    """Say for how long it may be used when stale (section 4.2.4, RFC 5861).

    ``s-maxage`` forbids it too, but not to an answer that says itself how long.
    """
    strict = not directives.keys().isdisjoint({"must-revalidate", "proxy-revalidate", "no-cache"})
    if strict:
        return True, 0.0, 0.0
    shared = "s-maxage" in directives
    found = []
    for name, default in (
        ("stale-while-revalidate", rules.stale_while_revalidate),
        ("stale-if-error", rules.stale_if_error),
    ):
        said = control.seconds(directives, name)
        found.append((0.0 if shared else default) if said is None else float(said))
    return shared, found[0], found[1]


def _kept(fields: Fields, directives: Directives) -> Fields:
    """Give the fields that are stored: not those of the hop, nor those that no-cache lists."""
    dropped = set(_NOT_STORED)
    for name in ("no-cache", "private"):
        dropped |= _listed(directives.get(name) or "")
    for name, value in fields:
        if name == "connection":
            dropped |= _listed(value)
    return tuple(pair for pair in fields if pair[0] not in dropped)


def _listed(text: str) -> set[str]:
    return {one.strip(" \t").lower() for one in text.split(",")}


def _last(fields: Fields, name: str) -> str:
    return next((value for key, value in reversed(fields) if key == name), "")


def _tags(fields: Fields, rules: Rules) -> tuple[str, ...]:
    """Read Cache-Tag (a list) and Surrogate-Key (words), and add the route's own."""
    found = list(rules.tags)
    for name, value in fields:
        if name in TAGS:
            found += value.replace(",", " ").split()
    return tuple(dict.fromkeys(found))[:_MOST_TAGS]


def _of_fault(where: Where, asked: Asked, fault: Fault, came: Came, rules: Rules) -> Entry | str:
    """Keep a worker's "there is none", if the route has a time for it."""
    ttl = rules.said.negative_ttl
    if ttl is None or fault.status not in NEGATIVE:
        return "fault"
    if (where.authenticated or asked["cookie"]) and not (where.apart or rules.public):
        return "authorization"
    return Entry(
        host=where.host,
        path=where.path,
        part=where.part,
        status=fault.status,
        fields=(),
        body=b"",
        born=came.asked,
        stored=came.came,
        lifetime=ttl,
        strict=True,
        implied=not rules.public,
        tags=rules.tags,
        code=fault.code,
        problem=msgspec.json.encode(fault.problem()),
    )
