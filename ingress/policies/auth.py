"""Who is calling: asks the route's authenticators in their order; the first that fits counts.

What they read is taken off the call, whether it was good or not. Who is nobody's hears 401 with a
challenge of each (RFC 9110 section 11.6.1). Where a caller's usage plan names the routes that it
may call, others are answered 403.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import reduce
from operator import itemgetter, or_
from typing import Any, Final

from contracts.fault import Fault
from ingress.auth.credentials import Credentials, taker
from ingress.auth.identity import Identity
from ingress.auth.key.authenticator import KeyAuthenticator
from ingress.auth.port import Authenticator
from ingress.auth.refusal import Refused
from ingress.consumers.directory import Directory
from ingress.consumers.records import UsagePlan
from ingress.policies.port import Request, Slot

_NOTHING: Final = "no credential was shown that is taken here"

_name: Final = itemgetter(0)

_Refusals = dict[str, Refused]


class Auth:
    """Lets pass whom one of ``ways`` knows."""

    name = "auth"
    slot = Slot.IDENTITY

    def __init__(
        self,
        names: tuple[str, ...],
        ways: tuple[Authenticator, ...],
        plan: Callable[[str], UsagePlan | None] = lambda _: None,
    ) -> None:
        self._names = names
        self._ways = ways
        self._plan = plan
        # Usage plans that were found to cover this route, for as long as they are the same.
        self._covering: dict[str, UsagePlan] = {}
        self._all = reduce(or_, (way.credentials for way in ways), Credentials())
        self._rest = {
            way.name: taker(self._all - way.credentials if way.forward else self._all)
            for way in ways
        }

    def admit(
        self,
        flow: Request,
        ways: Iterator[Authenticator] | None = None,
        refusals: _Refusals | None = None,
    ) -> Awaitable[None] | None:
        """Find out who is calling, or refuse; ``ways`` are those that are still to be asked."""
        ways = iter(self._ways) if ways is None else ways
        refusals = {} if refusals is None else refusals
        try:
            for way in ways:
                try:
                    found = way.authenticate(flow)
                except Refused as refused:
                    refusals[way.name] = refused
                    continue
                if isinstance(found, Identity):
                    self._welcome(flow, way, found)
                    return None
                if found is not None:
                    return self._wait(flow, way, found, ways, refusals)
            raise self._stranger(flow, refusals)
        except BaseException:
            # Whatever it was: what was shown is for nobody after us.
            flow.call = self._all.taken_off(flow.call)
            raise

    def settings(self) -> Mapping[str, Any]:
        """Give the authenticators with what each reads."""
        told = {way.name: _told(way) for way in self._ways}
        return {"first of": list(self._names), **told}

    async def _wait(
        self,
        flow: Request,
        way: Authenticator,
        found: Awaitable[Identity | None],
        ways: Iterator[Authenticator],
        refusals: _Refusals,
    ) -> None:
        try:
            identity = None
            try:
                identity = await found
            except Refused as refused:
                refusals[way.name] = refused
            if identity is not None:
                self._welcome(flow, way, identity)
                return
            more = self.admit(flow, ways, refusals)
        except BaseException:
            flow.call = self._all.taken_off(flow.call)
            raise
        if more is not None:
            await more

    def _welcome(self, flow: Request, way: Authenticator, identity: Identity) -> None:
        headers, query = self._rest[way.name](flow.call)
        if identity.fields:
            headers = (*headers, *identity.fields)
        flow.identify(identity, headers, query)
        name = identity.plan
        if name:
            plan = self._plan(name)
            if plan is None or self._covering.get(name) is not plan:
                self._hold_to_plan(flow, name, plan)

    def _hold_to_plan(self, flow: Request, name: str, plan: UsagePlan | None) -> None:
        if plan is None:
            # One that is not there has no limits either: nobody may have that for a mistake.
            raise Fault("forbidden", "the caller's usage plan is not there")
        if not plan.covers(flow.call.route):
            raise Fault("forbidden", "the caller's usage plan does not cover this route")
        self._covering[name] = plan

    def _stranger(self, flow: Request, refusals: _Refusals) -> Fault:
        flow.headers += [
            ("www-authenticate", way.challenge(refusals.get(way.name))) for way in self._ways
        ]
        reason = next(iter(refusals.values())).reason if refusals else _NOTHING
        return Fault("unauthenticated", reason)

    def __repr__(self) -> str:
        return f"<Auth {' or '.join(self._names)}>"


class KeyAuth(Auth):
    """The same where nothing is taken but a key in one header field: the usual call in one go.

    Whatever is not usual goes the other way, from its beginning.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        way: KeyAuthenticator,
        plan: Callable[[str], UsagePlan | None] = lambda _: None,
    ) -> None:
        super().__init__(names, (way,), plan)
        self._header = way.only_header
        self._holder = way.holder

    def admit(
        self,
        flow: Request,
        ways: Iterator[Authenticator] | None = None,
        refusals: _Refusals | None = None,
    ) -> Awaitable[None] | None:
        call = flow.call
        headers, name = call.headers, self._header
        said = [*map(_name, headers)]
        if said.count(name) != 1:
            return super().admit(flow, ways, refusals)
        at = said.index(name)
        try:
            identity = self._holder(headers[at][1])
            if identity is None or identity.fields:
                return super().admit(flow, ways, refusals)
            flow.identify(identity, headers[:at] + headers[at + 1 :], call.query)
            if identity.plan:
                plan = self._plan(identity.plan)
                if plan is None or self._covering.get(identity.plan) is not plan:
                    self._hold_to_plan(flow, identity.plan, plan)
        except Refused:
            return super().admit(flow, ways, refusals)
        except BaseException:
            flow.call = self._all.taken_off(flow.call)
            raise
        return None


def build(asked: Mapping[str, Any]) -> Auth | None:
    """Build it where the route names authenticators.

    Without ``authenticators``, as for who serves nothing, nobody is let pass.
    """
    names = asked.get("auth", "off")
    if names == "off":
        return None
    names = (names,) if isinstance(names, str) else tuple(names)
    known: Mapping[str, Authenticator] = asked.get("authenticators", {})
    ways = tuple(known[name] for name in names) if known else ()
    directory: Directory | None = asked.get("directory")
    plan = _no_plan if directory is None else directory.plan
    if len(ways) == 1 and isinstance(ways[0], KeyAuthenticator) and ways[0].only_header:
        return KeyAuth(names, ways[0], plan)
    return Auth(names, ways, plan)


def _no_plan(_: str) -> None:
    """Give none: nobody is known who might have one."""


def _told(way: Authenticator) -> str:
    return ", ".join(f"{name} {value}" for name, value in way.settings().items())
