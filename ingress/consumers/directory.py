"""The consumers that a gateway knows, in memory: to ask it is no I/O.

What the route file says stands here from the start; what the Store says comes and goes while the
gateway serves. Of two with one name the file's counts: who edits the file sees what holds.
"""

import time
from collections.abc import Callable, Iterable
from hmac import compare_digest
from types import MappingProxyType

import msgspec

from contracts.fault import Fault
from ingress.auth.identity import Identity
from ingress.auth.refusal import Refused
from ingress.consumers.digests import Digests, Keyed, digest
from ingress.consumers.records import Consumer, Key, UsagePlan
from ingress.consumers.token import ID, is_sound


class Known(msgspec.Struct, frozen=True):
    """All that one source says; a key without its consumer is nobody's."""

    consumers: tuple[Consumer, ...] = ()
    keys: tuple[Key, ...] = ()
    plans: tuple[UsagePlan, ...] = ()


class _Held(msgspec.Struct, frozen=True, gc=False):
    """A key as it is looked up on the path of a call."""

    id: str
    digest: bytes
    secret: Keyed
    expires: float
    identity: Identity | None
    key: Key
    consumer: Consumer


class Directory:
    """Says whose key it is, and what is known of a consumer.

    ``complete`` says that the Store was read, if there is one: until then a key that is not known
    may be somebody's. ``generation`` grows with each change. ``used`` has the ids of keys that were
    shown since it was last emptied, with the moment of the first time.
    """

    def __init__(self, digests: Digests | None = None) -> None:
        self.digests = digests or Digests()
        self.generation = 0
        self.complete = True
        self.used: dict[str, float] = {}
        self._file = self._stored = Known()
        self._consumers: dict[str, Consumer] = {}
        self._plans: dict[str, UsagePlan] = {}
        # Gives a usage plan by its name. As bare as can be: it is asked twice in each call.
        self.plan: Callable[[str], UsagePlan | None] = self._plans.get
        self._keys: dict[str, _Held] = {}
        # Keys that are not of our making have no id in them: they are found by their digest.
        self._foreign: dict[bytes, _Held] = {}

    def declare(self, known: Known, digests: Digests) -> None:
        """Take over what a route file says."""
        self._file, self.digests = known, digests
        self._arrange()

    def learn(self, known: Known) -> None:
        """Take over what the Store says."""
        self._stored = known
        self._arrange()

    def consumer(self, name: str) -> Consumer | None:
        """Give what is known of a consumer."""
        return self._consumers.get(name)

    def some_password(self) -> str:
        """Give a consumer's hash, to do with a stranger's password what is done with others."""
        return next((one.password for one in self._consumers.values() if one.password), "")

    @property
    def known(self) -> tuple[Known, Known]:
        """Give what the file and what the Store says."""
        return self._file, self._stored

    @property
    def plans(self) -> Iterable[UsagePlan]:
        """Give all usage plans."""
        return self._plans.values()

    def holder(self, key: str) -> Identity | None:
        """Say whose key it is; ``None`` for nobody's. Raises ``Refused`` for one that ended."""
        held = self._keys.get(key[ID])
        if held is None:
            # A key that has no id of ours in it is found by its digest.
            if self._foreign:
                held = self._foreign.get(digest(key, self.digests.first))
            if held is None:
                if not self.complete and is_sound(key):
                    raise Fault("store_down", "the keys could not be read yet")
                return None
        # What is found by its public id is compared as a whole, and in constant time.
        elif not compare_digest(digest(key, held.secret), held.digest):
            return None
        if held.expires and held.expires <= time.time():
            raise Refused("the key has expired")
        if held.identity is None:
            raise Refused("the consumer is disabled")
        if held.id not in self.used:
            self.used[held.id] = time.time()
        return held.identity

    def _arrange(self) -> None:
        self.generation += 1
        both = (self._stored, self._file)
        self._consumers = {one.name: one for known in both for one in known.consumers}
        plans = {one.name: one for known in both for one in known.plans}
        # Who compiled something of a plan keeps it for as long as it is the same object.
        same = {name: old for name, old in self._plans.items() if plans.get(name) == old}
        self._plans.clear()
        self._plans.update(plans | same)
        held = [
            (key, self._hold(key, self._consumers[key.consumer]))
            for known in both
            for key in known.keys
            if key.consumer in self._consumers and self.digests.knows(key.secret)
        ]
        self._keys = {key.id: one for key, one in held if not key.foreign}
        self._foreign = {key.digest: one for key, one in held if key.foreign}

    def _hold(self, key: Key, consumer: Consumer) -> _Held:
        before = self._keys.get(key.id)
        if before is not None and before.key is key and before.consumer is consumer:
            # Most are the same after a change, and there may be very many.
            return before
        found = None if consumer.disabled else identity(consumer, key)
        secret = self.digests.key(key.secret)
        return _Held(key.id, key.digest, secret, key.expires, found, key, consumer)

    def __repr__(self) -> str:
        return f"<Directory {len(self._consumers)} consumers, {len(self._keys)} keys>"


def identity(consumer: Consumer, key: Key | None = None, *, scheme: str = "key") -> Identity:
    """Make the identity of a known consumer."""
    return Identity(
        id=consumer.name,
        scheme=scheme,
        consumer=consumer.name,
        groups=consumer.groups,
        scopes=consumer.scopes,
        roles=consumer.roles,
        plan=consumer.plan,
        key=key.id if key else "",
        expires=key.expires if key else 0.0,
        claims=MappingProxyType({}),
    )
