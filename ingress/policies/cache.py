"""The policy of slot CACHE: answers from what is stored, or has the worker asked once for all.

On a hit it answers at once. Otherwise what stands behind it runs in a call of its own
(:mod:`.flights`), for which all wait who ask for the same; what came of it is judged by RFC 9111,
stored if it may be, and answered to each by its own conditions. What may not be stored is the
leader's alone: the others then go their own ways at once, and so do those who come in the next
seconds.
"""

import time
from collections.abc import Awaitable, Mapping
from typing import Any, Final

from contracts.call import Reply
from contracts.fault import Fault
from ingress.auth.credentials import Credentials
from ingress.cache import asked as asking
from ingress.cache import conditions, key, status
from ingress.cache.asked import CREDENTIALS, Asked
from ingress.cache.control import NOTHING
from ingress.cache.entry import Entry
from ingress.cache.fetch import Fetch, Ticket
from ingress.cache.freshness import Said
from ingress.cache.key import Choice
from ingress.cache.landed import Landed
from ingress.cache.shelf import Shelf
from ingress.cache.storing import Rules
from ingress.cache.use import Use, judge
from ingress.policies.port import Request, Slot

# How often a request waits for another's answer that turns out to be none for it: Vary may keep
# the two apart. Then it goes alone.
_ROUNDS: Final = 2

OFF: Final = "off"
_CACHED: Final = frozenset({"GET", "HEAD", "ANY"})


class Cache:
    """Answers GET and HEAD from what is stored; see ``docs/caching.md``."""

    name = "cache"
    slot = Slot.CACHE

    def __init__(
        self, choice: Choice, rules: Rules, shelf: Shelf, *, obey_clients: bool, coalesce: bool
    ) -> None:
        self._choice = choice
        self._rules = rules
        self._shelf = shelf
        self._obey_clients = obey_clients
        self.fetch = Fetch(shelf, rules)
        self._coalesce = coalesce

    def settings(self) -> Mapping[str, Any]:
        said, rules = self._rules.said, self._rules
        told: dict[str, Any] = {
            "ttl": said.ttl,
            "negative_ttl": said.negative_ttl,
            "heuristic": said.heuristic,
            "stale_while_revalidate": rules.stale_while_revalidate,
            "stale_if_error": rules.stale_if_error,
            "query": self._choice.query,
            "headers": self._choice.headers,
            "caller": self._choice.caller,
            "public": rules.public,
            "set_cookie": rules.store_cookies,
            "max_entry": rules.max_entry,
            "tags": rules.tags,
            "obey_clients": self._obey_clients,
            "coalesce": self._coalesce,
        }
        lists = {name: list(value) for name, value in told.items() if isinstance(value, tuple)}
        return {name: value for name, value in {**told, **lists}.items() if value is not None}

    def admit(self, flow: Request) -> Reply | Awaitable[Reply | None] | None:
        call = flow.call
        if call.method not in {"GET", "HEAD"}:
            return None
        asked = asking.read(call)
        if asked.bypass:
            self._pass(flow, asked.bypass)
            return None
        if not self._obey_clients:
            asked.directives = NOTHING
        where = key.where(self._choice, call, asked, flow.identity)
        now = self._shelf.clock()
        entry = self._shelf.memory.find(where.host, where.path, where.part, call.headers)
        ticket = Ticket(call, asked, where, entry)
        if entry is not None:
            if entry.implied and ticket.shows:
                # Nobody said that it is for those who show who they are.
                self._pass(flow, "caller")
                return None
            verdict = judge(entry, asked.directives, now)
            if verdict is not Use.ASK and conditions.holds(asked, entry):
                return self._hit(flow, ticket, verdict, now)
        return self._miss(flow, ticket, now)

    def _pass(self, flow: Request, detail: str) -> None:
        self._shelf.counts["pass"] += 1
        flow.headers.append(status.forwarded("bypass", detail=detail))

    def _hit(self, flow: Request, ticket: Ticket, verdict: Use, now: float) -> Reply:
        entry = ticket.stale
        assert entry is not None  # noqa: S101 - a hit has one
        fresh = verdict is Use.FRESH
        self._shelf.counts["hit" if fresh else "stale"] += 1
        if verdict is Use.BEHIND:
            self._refresh(flow, ticket)
        flow.headers.append(status.hit(entry, now, "" if fresh else "stale"))
        return self._answer(flow, entry, ticket.asked, now)

    def _miss(self, flow: Request, ticket: Ticket, now: float) -> Awaitable[Reply | None] | None:
        asked, entry = ticket.asked, ticket.stale
        if "only-if-cached" in asked.directives:
            raise Fault("not_cached", "nothing is stored that may be used for this request")
        if ticket.call.method == "HEAD":
            self._pass(flow, "head")
            return None
        if entry is None and self._shelf.unstorable(ticket.place, now):
            self._pass(flow, "unstorable")
            return None
        return self._ask(flow, ticket)

    async def _ask(self, flow: Request, ticket: Ticket) -> Reply | None:
        """Have the worker asked, or wait for who asks already."""
        flights, fetch = self._shelf.flights, self.fetch
        for _ in range(_ROUNDS):
            flight = fetch.under_way(ticket) if self._coalesce else None
            if flight is None:
                landed = await flights.wait(fetch.begin(flow, ticket))
                return self._lead(flow, ticket, landed)
            began = time.perf_counter()
            try:
                landed = await flights.wait(flight)
            finally:
                # Not the gateway's work: it was made to wait.
                flow.paused += time.perf_counter() - began
            reply = self._follow(flow, ticket, landed)
            if reply is not None:
                return reply
            if landed.unstorable:
                break
        self._pass(flow, "not-shared")
        return None

    def _lead(self, flow: Request, ticket: Ticket, landed: Landed) -> Reply:
        """Answer the one whose request was sent."""
        counts, own, onward = self._shelf.counts, landed.own, self._shelf.onward
        assert onward is not None  # noqa: S101 - it has been called
        now = self._shelf.clock()
        if landed.inner is None and own is not None:
            counts["hit"] += 1
            flow.headers.append(status.hit(own, now, "shared"))
            return self._answer(flow, own, ticket.asked, now)
        if landed.inner is not None:
            onward.credit(flow, landed.inner)
        if landed.stale and own is not None:
            counts["stale"] += 1
            flow.headers.append(status.hit(own, now, "stale-if-error"))
            return self._answer(flow, own, ticket.asked, now)
        counts["validated" if landed.validated else "miss"] += 1
        flow.headers.append(
            status.forwarded(
                _why(ticket),
                status=landed.status,
                stored=landed.entry is not None,
                detail=landed.refusal,
            )
        )
        if own is None:
            raise landed.fault or Fault("internal")
        if own.age(now) < 1:
            # It comes from the worker, and says of its age what the worker does.
            return self._fresh(flow, own, ticket.asked)
        return self._answer(flow, own, ticket.asked, now)

    def _follow(self, flow: Request, ticket: Ticket, landed: Landed) -> Reply | None:
        """Answer one that waited for another's request; ``None`` if that was of no use to it."""
        if (fault := landed.shared_fault()) is not None:
            raise fault
        where, call = ticket.where, ticket.call
        entry = self._shelf.memory.find(where.host, where.path, where.part, call.headers)
        now = self._shelf.clock()
        ticket.stale = entry
        if entry is None or (entry.implied and ticket.shows):
            return None
        # What came while it waited is as new as can be, whatever the client asked for.
        came = entry is landed.entry
        if not came and judge(entry, ticket.asked.directives, now) is not Use.FRESH:
            return None
        if came and not landed.stale and judge(entry, NOTHING, now) is not Use.FRESH:
            return None
        self._shelf.counts["collapsed"] += 1
        flow.headers.append(status.hit(entry, now, "collapsed"))
        return self._answer(flow, entry, ticket.asked, now)

    def _refresh(self, flow: Request, ticket: Ticket) -> None:
        """Ask the worker behind the client's back (RFC 5861 section 3), unless somebody does."""
        if self.fetch.under_way(ticket) is None:
            self._shelf.counts["refreshed"] += 1
            self.fetch.begin(flow, ticket, wanted=True)

    def _fresh(self, flow: Request, entry: Entry, asked: Asked) -> Reply:
        if entry.date:
            flow.headers.append(("date", entry.date))
        return conditions.answer(entry, asked)

    def _answer(self, flow: Request, entry: Entry, asked: Asked, now: float) -> Reply:
        flow.headers.append(("age", str(int(entry.age(now)))))
        return self._fresh(flow, entry, asked)

    def __repr__(self) -> str:
        return f"<Cache {self._shelf!r}>"


def _why(ticket: Ticket) -> str:
    """Say why the worker was asked, in a word of RFC 9211."""
    if ticket.stale is None:
        return "uri-miss"
    asked = ticket.asked.directives
    return "request" if "no-cache" in asked or "max-age" in asked else "stale"


def build(asked: Mapping[str, Any]) -> Cache | None:
    """Build the cache of a route that has one: its method is GET, HEAD or ANY."""
    settings = asked.get("cache", OFF)
    if settings == OFF or asked.get("method", "GET") not in _CACHED:
        return None
    said = Said(settings["ttl"], settings["negative_ttl"], settings["heuristic"])
    rules = Rules(
        said=said,
        stale_while_revalidate=settings["stale_while_revalidate"],
        stale_if_error=settings["stale_if_error"],
        max_entry=settings["max_entry"],
        store_cookies=settings["set_cookie"],
        public=settings["public"],
        tags=settings["tags"],
    )
    return Cache(
        Choice(
            settings["query"],
            settings["headers"],
            settings["caller"],
            asked.get("plain_route", ""),
            _unusual(asked.get("credentials", Credentials())),
        ),
        rules,
        asked.get("shelf") or Shelf(0),
        obey_clients=settings["obey_clients"],
        coalesce=settings["coalesce"],
    )


def _unusual(shown: Credentials) -> Credentials | None:
    """Give the places that only this file knows; Cookie is looked at in every request."""
    others = Credentials(shown.headers - CREDENTIALS - {"cookie"}, shown.query)
    return others if others != Credentials() else None
