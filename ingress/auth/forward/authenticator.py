"""Tells callers by what somebody else decides about their requests."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from ingress.auth.credentials import Credentials
from ingress.auth.decisions import Decision, Decisions
from ingress.auth.forward.question import Question, question
from ingress.auth.forward.verdict import Judge
from ingress.auth.identity import Identity
from ingress.auth.jwt.mapping import Mapped
from ingress.auth.membership import Membership
from ingress.auth.oracle import Oracle
from ingress.auth.port import Request
from ingress.auth.refusal import Refused

_MAPPED: Final = Mapped(subject=("id",), scopes=("scopes",))


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, and how the answer is taken.

    ``send`` are the fields that are shown, ``hand_on`` those that come back for the worker.
    ``unnamed`` is who it is when the answer names nobody, empty to refuse it. ``known`` says that
    it must be a known consumer. Answers are good for ``remember`` seconds, for the same request if
    ``whole``, else for what it showed.
    """

    send: Sequence[str]
    hand_on: Sequence[str] = ()
    unnamed: str = ""
    known: bool = False
    remember: float = 0.0
    whole: bool = True


class ForwardAuthenticator:
    """Asks a judge about each request. There is no request that it would not ask about."""

    forward = False

    def __init__(  # noqa: PLR0913 - each is a part of its own, made by `build`
        self,
        name: str,
        *,
        judge: Judge,
        terms: Terms,
        membership: Membership,
        capacity: int,
        challenge: str,
        forward: bool,
        told: Mapping[str, Any],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        # What comes back for the worker must not come from the client, whoever says who it is.
        shown = () if forward else terms.send
        self.credentials = Credentials(frozenset([*shown, *terms.hand_on]))
        self._judge = judge
        self._terms = terms
        self._oracle = Oracle(name)
        self._membership = membership
        self._decisions = Decisions(capacity, lambda: membership.generation)
        self._challenge = challenge
        self._told = told
        self._now = now

    def authenticate(self, request: Request) -> Identity | Awaitable[Identity]:
        """Say who it is as the judge says; at once, if it said so just now."""
        asked = question(request, self._terms.send)
        if not self._terms.remember:
            return self._ask(asked)
        key = asked.key(whole=self._terms.whole)
        return self._decisions.known(key) or self._decisions.make(key, partial(self._decide, asked))

    async def _ask(self, asked: Question) -> Identity:
        decision = await self._decide(asked)
        if decision.identity is None:
            raise Refused(decision.reason)
        return decision.identity

    async def _decide(self, asked: Question) -> Decision:
        verdict = await self._oracle.ask(partial(self._judge.decide, asked))
        until = self._now() + self._terms.remember
        if verdict.who is None:
            return Decision(None, "the caller is not known", until)
        try:
            identity = self._identity(verdict.who)
        except Refused as refused:
            return Decision(None, refused.reason, until)
        return Decision(msgspec.structs.replace(identity, fields=verdict.fields), "", until)

    def _identity(self, who: Mapping[str, Any]) -> Identity:
        if "id" not in who and self._terms.unnamed:
            who = {**who, "id": self._terms.unnamed}
        identity = _MAPPED.identity(who, "forward", 0.0)
        return self._membership.join(identity, identity.id) if self._terms.known else identity

    def challenge(self, refused: Refused | None) -> str:  # noqa: ARG002 - the port
        """Say what the route file says; ``refused`` tells no more than that it was a no."""
        return self._challenge

    def settings(self) -> Mapping[str, Any]:
        return self._told

    async def close(self) -> None:
        await self._decisions.close()
        await self._judge.close()

    def __repr__(self) -> str:
        return f"<ForwardAuthenticator {self.name} {self._decisions!r}>"
