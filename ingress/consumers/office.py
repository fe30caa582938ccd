"""Where consumers, keys and usage plans are managed: the same for commands and the admin port.

What the route file declares is shown beside what the Store holds, and changed in the file alone.
Each order answers with a document, plain values, that shows no secret: a key is in the answer that
issued it, and never again. What cannot be done is a ``Fault``: ``not_found``, ``conflict``,
``invalid_body``.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET
from pydantic import ValidationError

from contracts.fault import Fault
from ingress.consumers import moment, passwords, token
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Known
from ingress.consumers.documents import consumer_document, key_document, plan_document
from ingress.consumers.orders import ConsumerOrder, KeyOrder, PlanOrder, RotateOrder
from ingress.consumers.records import Consumer, Key, UsagePlan
from ingress.consumers.roster import Roster
from ingress.consumers.sections import UsagePlanSection, consumer_name

Document = dict[str, Any]
R = TypeVar("R", Consumer, Key, UsagePlan)
N = TypeVar("N", Consumer, UsagePlan)

# How often a change is tried again that somebody else was quicker with.
_TRIES = 5


class Office:
    """Carries out orders on the Store; ``declared`` is what the route file says."""

    def __init__(
        self, roster: Roster, declared: Known, digests: Digests, prefix: str = token.PREFIX
    ) -> None:
        self._roster = roster
        self._declared = declared
        self._digests = digests
        self._prefix = prefix

    async def consumers(self) -> list[Document]:
        """List all consumers, by name."""
        stored = await self._roster.load()
        keys = (*self._declared.keys, *stored.keys)
        return [
            consumer_document(one, origin, keys)
            for _, (one, origin) in _merged(stored.consumers, self._declared.consumers)
        ]

    async def consumer(self, name: str) -> Document:
        """Show one, with its keys."""
        found = next((one for one in await self.consumers() if one["name"] == name), None)
        if found is None:
            raise _unknown("consumer", name)
        return {**found, "keys": await self.keys(name)}

    async def add_consumer(self, name: str, order: ConsumerOrder) -> Document:
        """Add one to the Store."""
        _check(consumer_name, name)
        self._not_declared("consumer", name)
        await self._check_plan_of(order)
        consumer = msgspec.structs.replace(Consumer(name=name), **await _consumer_said(order))
        if not await self._roster.add(consumer):
            raise Fault("conflict", f"there is a consumer {name} already")
        return consumer_document(consumer, "store", ())

    async def set_consumer(self, name: str, order: ConsumerOrder) -> Document:
        """Change one of the Store."""
        self._not_declared("consumer", name)
        await self._check_plan_of(order)
        changed = await self._change(Consumer, "consumer", name, await _consumer_said(order))
        return consumer_document(changed, "store", (await self._roster.load()).keys)

    async def remove_consumer(self, name: str) -> Document:
        """Take one away, with its keys."""
        self._not_declared("consumer", name)
        if not await self._roster.delete(Consumer, name):
            raise _unknown("consumer", name)
        # They were nobody's from that moment on.
        keys = [key.id for key in (await self._roster.load()).keys if key.consumer == name]
        for key in keys:
            await self._roster.delete(Key, key)
        return {"name": name, "removed": True, "keys": keys}

    async def keys(self, consumer: str = "") -> list[Document]:
        """List keys, the oldest first, of one consumer or of all; without the keys themselves."""
        stored, used = await self._roster.load(), await self._roster.used()
        found = [(key, "file") for key in self._declared.keys]
        found += [(key, "store") for key in sorted(stored.keys, key=lambda key: key.created)]
        return [
            key_document(key, origin, used.get(key.id, 0.0), usable=self._usable(key))
            for key, origin in found
            if not consumer or key.consumer == consumer
        ]

    async def issue(self, order: KeyOrder) -> Document:
        """Make a key. The answer has it under ``key``, and nobody can give it again."""
        stored = await self._roster.get(Consumer, order.consumer)
        if stored is None and order.consumer not in {one.name for one in self._declared.consumers}:
            raise _unknown("consumer", order.consumer)
        ends = time.time() + order.expires_in if order.expires_in else 0.0
        return await self._make(order.consumer, order.label, ends)

    async def rotate(self, name: str, order: RotateOrder) -> Document:
        """Make a key in the place of another, which ends when the overlap is over."""
        self._not_declared("key", name)
        found = await self._roster.get(Key, name)
        if found is None:
            raise _unknown("key", name)
        old, now = found[0], time.time()
        ends = now + order.expires_in if order.expires_in else 0.0
        if not order.expires_in and old.expires:
            # It was given for so long, and so is the next.
            ends = now + old.expires - old.created
        made = await self._make(old.consumer, old.label, ends, replaces=name)
        over = now + order.overlap
        until = min(over, old.expires) if old.expires else over
        await self._change(Key, "key", name, {"expires": until})
        return {**made, "overlap_until": moment.write(until)}

    async def revoke(self, name: str) -> Document:
        """Take a key away: gateways refuse it within seconds."""
        self._not_declared("key", name)
        if not await self._roster.delete(Key, name):
            raise _unknown("key", name)
        return {"id": name, "revoked": True}

    async def plans(self) -> list[Document]:
        """List usage plans, by name."""
        stored = await self._roster.load()
        return [
            plan_document(one, origin)
            for _, (one, origin) in _merged(stored.plans, self._declared.plans)
        ]

    async def plan(self, name: str) -> Document:
        """Show one."""
        found = next((one for one in await self.plans() if one["name"] == name), None)
        if found is None:
            raise _unknown("usage plan", name)
        return found

    async def set_plan(self, name: str, order: PlanOrder) -> Document:
        """Add a usage plan, or change one of the Store."""
        self._not_declared("usage plan", name)
        _check_plan(name, _said(order))
        plan = msgspec.structs.replace(UsagePlan(name=name), **_said(order))
        if not await self._roster.add(plan):
            plan = await self._change(UsagePlan, "usage plan", name, _said(order))
        return plan_document(plan, "store")

    async def remove_plan(self, name: str) -> Document:
        """Take one away, unless a consumer is on it: it would be refused everywhere."""
        self._not_declared("usage plan", name)
        on_it = [one["name"] for one in await self.consumers() if one["plan"] == name]
        if on_it:
            raise Fault("conflict", f"{', '.join(on_it[:5])} would be left without a usage plan")
        if not await self._roster.delete(UsagePlan, name):
            raise _unknown("usage plan", name)
        return {"name": name, "removed": True}

    async def _check_plan_of(self, order: ConsumerOrder) -> None:
        """Refuse one that is not there, as its removal is: the consumer would be let in nowhere."""
        if order.plan and order.plan not in {one["name"] for one in await self.plans()}:
            raise Fault("conflict", f"there is no usage plan {order.plan}: add it first")

    async def _make(self, consumer: str, label: str, ends: float, replaces: str = "") -> Document:
        if not self._digests.lasting:
            raise Fault("conflict", "keys in the store need `keys.secrets` in the route file")
        while True:
            text = token.make(self._prefix)
            key = Key(
                id=token.id_of(text),
                consumer=consumer,
                digest=self._digests.make(text),
                secret=self._digests.name,
                created=time.time(),
                expires=ends,
                label=label,
                replaces=replaces,
            )
            if await self._roster.add(key):
                return {**key_document(key, "store", 0.0, usable=True), "key": text}

    async def _change(self, kind: type[R], what: str, name: str, said: Mapping[str, Any]) -> R:
        for _ in range(_TRIES):
            found = await self._roster.get(kind, name)
            if found is None:
                raise _unknown(what, name)
            changed = msgspec.structs.replace(found[0], **said)
            if await self._roster.replace(changed, found[1]):
                return changed
        raise Fault("conflict", f"the {what} {name} is being changed by others")

    def _usable(self, key: Key) -> bool:
        return self._digests.knows(key.secret)

    def _not_declared(self, what: str, name: str) -> None:
        names = {
            "consumer": [one.name for one in self._declared.consumers],
            "key": [one.id for one in self._declared.keys],
            "usage plan": [one.name for one in self._declared.plans],
        }
        if name in names[what]:
            raise Fault("conflict", f"the {what} {name} is the route file's: change it there")

    def __repr__(self) -> str:
        return f"<Office of {self._roster!r}>"


def _merged(stored: tuple[N, ...], declared: tuple[N, ...]) -> list[tuple[str, tuple[N, str]]]:
    """Lay what the file says over what the Store says."""
    both = {one.name: (one, "store") for one in stored}
    both |= {one.name: (one, "file") for one in declared}
    return sorted(both.items(), key=lambda pair: pair[0])


def _said(order: msgspec.Struct) -> dict[str, Any]:
    values = msgspec.structs.asdict(order)
    return {name: value for name, value in values.items() if value is not UNSET}


def _check(check: Callable[[str], object], text: str) -> None:
    try:
        check(text)
    except ValueError as error:
        raise Fault("invalid_body", str(error)) from None


def _check_plan(name: str, said: Mapping[str, Any]) -> None:
    """Hold a usage plan to what one may be in the route file."""
    _check(consumer_name, name)
    try:
        # None at a time is any number, which the file says by leaving it out.
        UsagePlanSection.model_validate({key: one for key, one in said.items() if one != 0})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        text = first["msg"].removeprefix("Value error, ")
        raise Fault("invalid_body", f"{place}: {text}") from None


async def _consumer_said(order: ConsumerOrder) -> dict[str, Any]:
    """Give what is said of a consumer, with the hash of its password."""
    # Of a new consumer the name is said too, and it has its own.
    said = {name: one for name, one in _said(order).items() if name != "name"}
    if said.get("password"):
        try:
            said["password"] = await asyncio.to_thread(passwords.make, said["password"])
        except ValueError as error:
            raise Fault("invalid_body", str(error)) from None
    return said


def _unknown(what: str, name: str) -> Fault:
    return Fault("not_found", f"there is no {what} {name}")
