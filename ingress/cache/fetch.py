"""Has the worker asked for what nobody has, or must ask about, once for all who wait."""

import msgspec

from contracts.call import Call
from ingress.cache import asked as asking
from ingress.cache import conditions, vary
from ingress.cache.asked import Asked
from ingress.cache.entry import Entry
from ingress.cache.flights import Flight, Key
from ingress.cache.landed import Landed, Landing, land
from ingress.cache.port import Behind, Request
from ingress.cache.shelf import Shelf
from ingress.cache.storing import Rules, Where
from ingress.cache.use import Use, judge


class Ticket(msgspec.Struct, gc=False):
    """A request on its way through the cache; ``stale`` is what was found and may not be used."""

    call: Call
    asked: Asked
    where: Where
    stale: Entry | None = None

    @property
    def shows(self) -> bool:
        """Whether it shows who asks, and would have what is for all of those too."""
        where = self.where
        return not where.apart and (where.authenticated or bool(self.asked["cookie"]))

    @property
    def place(self) -> tuple[str, str, str]:
        """Where its answer is waited for: those who show who they are wait among themselves."""
        where = self.where
        return where.host, where.path, f"{where.part}\x1e" if self.shows else where.part


class Fetch:
    """Begins calls for a route; ``behind`` is what stands behind its cache."""

    def __init__(self, shelf: Shelf, rules: Rules) -> None:
        self._shelf = shelf
        self._rules = rules
        self.behind: Behind = ()

    def under_way(self, ticket: Ticket) -> Flight[Landed] | None:
        """Give the call that others have begun for the same."""
        return self._shelf.flights.get(self._key(ticket))

    def begin(self, flow: Request, ticket: Ticket, *, wanted: bool = False) -> Flight[Landed]:
        """Begin a call; ``wanted`` when it is to go on though nobody waits for it."""

        async def fly(flight: Flight[Landed]) -> Landed:
            return await self._fly(flight, flow, ticket)

        return self._shelf.flights.begin(self._key(ticket), fly, wanted=wanted)

    async def _fly(self, flight: Flight[Landed], flow: Request, ticket: Ticket) -> Landed:
        shelf, call, old = self._shelf, ticket.call, ticket.stale
        assert shelf.onward is not None  # noqa: S101 - whoever serves has set it
        if shelf.remote is not None:
            shared = await self._shared(ticket)
            if shared and judge(shared, ticket.asked.directives, shelf.clock()) is Use.FRESH:
                if flight.keep:
                    shelf.memory.put(shared)
                return Landed(entry=shared, own=shared)
            old = shared or old
        # The whole answer is what can be stored, and serve all who wait.
        sent = (*asking.without_conditions(call.headers), *conditions.validators(old))
        landing = Landing(
            where=ticket.where, asked=ticket.asked, sent=sent, rules=self._rules, stale=old
        )
        # A HEAD that found a stale answer has that renewed, which needs its body.
        whole = msgspec.structs.replace(call, method="GET", headers=sent)
        asked_at = shelf.clock()
        inner = await shelf.onward(flow, whole, self.behind, alone=flight.wanted)
        landed = land(landing, inner, asked_at, shelf.clock())
        self._keep(flight, ticket, landed)
        return landed

    async def _shared(self, ticket: Ticket) -> Entry | None:
        """Look for a newer answer among those of the other processes."""
        where, remote = ticket.where, self._shelf.remote
        assert remote is not None  # noqa: S101 - the caller looked
        found = await remote.find((where.host, where.path, where.part), ticket.call.headers)
        if found is None or (ticket.stale is not None and found.born <= ticket.stale.born):
            return None
        return None if found.implied and ticket.shows else found

    def _keep(self, flight: Flight[Landed], ticket: Ticket, landed: Landed) -> None:
        """Store what may be stored; forget what the worker's word took the worth from."""
        shelf = self._shelf
        if landed.stale:
            return
        if landed.entry is not None and flight.keep:
            shelf.memory.put(landed.entry)
            if shelf.remote is not None:
                shelf.remote.put(landed.entry)
        elif landed.own is not None and ticket.stale is not None:
            shelf.memory.forget(ticket.stale)
        if landed.unstorable:
            shelf.remember_unstorable(ticket.place, shelf.clock())

    def _key(self, ticket: Ticket) -> Key:
        where = ticket.where
        names = self._shelf.memory.varies(where.host, where.path, where.part)
        said = vary.values(ticket.call.headers, names) if names else ()
        return (*ticket.place, said)
