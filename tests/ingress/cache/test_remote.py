"""Answers that processes share."""

import asyncio
import time

import pytest

from contracts.fault import Fault
from contracts.stores import Store
from ingress.cache.entry import Entry
from ingress.cache.memory import Order
from ingress.cache.remote import Remote
from tests.ingress.cache.entries import entry
from tests.ingress.cache.stores import store

__all__ = ["store"]

PLACE = ("shop", "/a", "")


async def put(store: Store, *entries: Entry) -> None:
    remote = Remote(store)
    for one in entries:
        remote.put(one)
        await remote.settle()


async def found(store: Store, **said: str) -> bytes | None:
    entry = await Remote(store).find(PLACE, tuple(said.items()))
    return entry.body if entry else None


async def test_another_process_finds_it(store: Store) -> None:
    """With all that it needs to be used; another place has none of it."""
    stored = entry(tags=("a", "b"), modified=5.0, born=time.time())
    await put(store, stored)
    again = await Remote(store).find(PLACE, ())
    assert again is not None
    assert (again.fields, again.tags, again.born) == (stored.fields, stored.tags, stored.born)
    assert await Remote(store).find(("shop", "/a", "x=1"), ()) is None


async def test_variants_are_found_by_their_fields(store: Store) -> None:
    """One that was not stored is not found."""
    for language in ("de", "en"):
        await put(store, entry(body=language.encode(), vary=("accept",), varied=(language,)))
    assert await found(store, accept="de") == b"de"
    assert await found(store, accept="en") == b"en"
    assert await found(store, accept="fr") is None


async def test_what_was_dropped_is_not_found(store: Store) -> None:
    """By path for all processes, by tag in each that was told; what was stored later is."""
    await put(store, entry(tags=("menu",)))
    told = Remote(store)
    told.drop(Order(at=999.0, tag="menu"), told=True)
    assert await told.find(PLACE, ()) is not None
    told.drop(Order(at=2000.0, tag="menu"), told=True)
    assert await told.find(PLACE, ()) is None
    one, changed = Remote(store), Order(at=2000.0, host="shop", path="/a")
    one.drop(changed, told=False)
    # At once for itself, and for the others when it is written down.
    assert await one.find(PLACE, ()) is None
    assert await found(store) is not None
    await one.mark([changed])
    assert await one.find(PLACE, ()) is None
    assert await found(store) is None
    await put(store, entry(stored=3000.0))
    assert await found(store) == b"hello"


class Away:
    """A store that cannot be reached, or never answers."""

    def __init__(self, *, slow: bool = False) -> None:
        self.slow = slow
        self.asked = 0

    async def get(self, _: str) -> None:
        self.asked += 1
        if self.slow:
            await asyncio.Event().wait()
        raise Fault("store_down")

    async def put(self, *_: object, **__: object) -> int:
        raise Fault("store_down")


@pytest.mark.parametrize("slow", [False, True])
async def test_a_store_that_is_away_is_left_alone(*, slow: bool) -> None:
    """Nothing is found, nothing is kept, and not each request waits for it."""
    now = 100.0
    away = Away(slow=slow)
    remote = Remote(away, clock=lambda: now)  # type: ignore[arg-type]
    remote.put(entry())
    await remote.settle()
    assert await remote.find(PLACE, ()) is None
    asked = away.asked
    assert await remote.find(PLACE, ()) is None
    assert away.asked == asked
    now += 6
    assert await remote.find(PLACE, ()) is None
    assert away.asked > asked


async def test_a_change_is_not_forgotten_while_the_store_is_away() -> None:
    """It is written down later; until then this process knows, and so many are known at most."""
    remote = Remote(Away())  # type: ignore[arg-type]
    order = Order(at=2000.0, host="shop", path="/a")
    remote.drop(order, told=False)
    with pytest.raises(Fault, match="store_down"):
        await remote.mark([order])
    assert remote._changed == {("shop", "/a"): 2000.0}
    for number in range(10_000):
        remote.drop(Order(at=2000.0, host="shop", path=f"/{number}"), told=False)
    assert len(remote._changed) < 10_000
    assert remote._bans[-1].all


async def test_what_cannot_be_read_is_not_there(store: Store) -> None:
    """Whatever another version wrote."""
    await put(store, entry())
    async for key, _ in store.scan("cache:"):
        await store.put(key, b"\xc1")
    assert await found(store) is None
