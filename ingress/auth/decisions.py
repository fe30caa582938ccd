"""What others decided about credentials: asked for by one call at a time, and remembered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from ingress.auth.identity import Identity
from ingress.auth.refusal import Refused
from ingress.auth.verified import Verified

_REFUSED: Final = "refused"


class Decision(msgspec.Struct, frozen=True):
    """Whose a credential is, or why it is nobody's; good until a moment in Unix seconds."""

    identity: Identity | None
    reason: str
    until: float


Ask = Callable[[], Awaitable[Decision]]


class Decisions:
    """``decisions.known(credential)``, and if that says nothing ``await decisions.make(...)``.

    At most ``capacity`` of each kind. ``generation`` grows when what was decided may not hold any
    more: then all is forgotten.
    """

    def __init__(self, capacity: int, generation: Callable[[], int]) -> None:
        self._good = Verified(capacity)
        # Apart, so that whoever sends garbage drives out garbage only.
        self._bad = Verified(capacity)
        self._generation = generation
        self._seen = generation()
        self._asking: dict[str, asyncio.Task[Decision]] = {}

    def known(self, credential: str) -> Identity | None:
        """Give what was decided. Raises ``Refused`` if it was no; ``None`` if it is not known."""
        self._look()
        found = self._good.get(credential)
        if found is None:
            bad = self._bad.get(credential)
            if bad is not None:
                raise Refused(bad.id)
        return found

    async def make(self, credential: str, ask: Ask) -> Identity:
        """Ask, or wait for who asks already; raises ``Refused``, and what ``ask`` raises."""
        task = self._asking.get(credential)
        if task is None:
            task = self._asking[credential] = asyncio.ensure_future(self._ask(credential, ask))
            task.add_done_callback(lambda done: self._done(credential, done))
        # Shielded: who leaves does not take the answer away from the others.
        decision = await asyncio.shield(task)
        if decision.identity is None:
            raise Refused(decision.reason)
        return decision.identity

    async def _ask(self, credential: str, ask: Ask) -> Decision:
        began = self._generation()
        decision = await ask()
        if self._generation() == began:
            self._look()
            if decision.identity is not None:
                self._good.put(credential, decision.identity, decision.until)
            else:
                nobody = Identity(id=decision.reason, scheme=_REFUSED)
                self._bad.put(credential, nobody, decision.until)
        return decision

    def _look(self) -> None:
        current = self._generation()
        if current != self._seen:
            self._seen = current
            self._good.clear()
            self._bad.clear()

    def _done(self, credential: str, task: asyncio.Task[Decision]) -> None:
        self._asking.pop(credential, None)
        if not task.cancelled():
            # It was told to who waited; if all have left it is nobody's.
            task.exception()

    async def close(self) -> None:
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def __repr__(self) -> str:
        return f"<Decisions {len(self._good)} good, {len(self._bad)} bad>"
