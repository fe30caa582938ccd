"""Consumers in the Store."""

import time
from pathlib import Path

import pytest

from contracts.stores import open_store
from contracts.stores.memory import MemoryStore
from ingress.consumers.records import Consumer, Key, UsagePlan
from ingress.consumers.roster import Roster

ANNA = Consumer(name="anna", groups=("a",))
KEY = Key(id="k1", consumer="anna", digest=b"d", secret="s")
GOLD = UsagePlan(name="gold", rates=("1/s",))


@pytest.mark.parametrize("url", ["memory://", "sqlite:state.sqlite"])
async def test_what_was_written_is_read(url: str, tmp_path: Path) -> None:
    """All kinds at once, and one by one with its version."""
    store = open_store(url, tmp_path)
    roster = Roster(store)
    for record in (ANNA, KEY, GOLD):
        assert await roster.add(record)
        assert not await roster.add(record)
    known = await roster.load()
    assert (known.consumers, known.keys, known.plans) == ((ANNA,), (KEY,), (GOLD,))
    found = await roster.get(Consumer, "anna")
    assert found is not None
    assert await roster.replace(Consumer(name="anna", plan="gold"), found[1])
    assert not await roster.replace(ANNA, found[1])
    assert (await roster.load()).consumers == (Consumer(name="anna", plan="gold"),)
    assert await roster.delete(Key, "k1")
    assert not await roster.delete(Key, "k1")
    assert await roster.get(Key, "k1") is None
    await roster.put(ANNA)
    assert (await Roster(store).load()).consumers == (ANNA,)
    await store.close()


async def test_what_did_not_change_is_the_same_object() -> None:
    """Who reads often pays only for what is new."""
    roster = Roster(MemoryStore())
    await roster.add(ANNA)
    before = (await roster.load()).consumers[0]
    await roster.add(KEY)
    assert (await roster.load()).consumers[0] is before
    assert repr(roster) == "<Roster 2 read>"


async def test_uses_are_no_change() -> None:
    """Or each would make every gateway read everything."""
    roster = Roster(MemoryStore())
    await roster.add(KEY)
    before, now = await roster.generation(), float(int(time.time()))
    await roster.note_used({f"k{number}": now for number in range(1200)})
    assert await roster.generation() == before
    used = await roster.used()
    assert (len(used), used["k7"]) == (1200, now)


async def test_what_cannot_be_read_is_nobodys() -> None:
    """A damaged record, or one of a newer version, keeps none of the others away."""
    store = MemoryStore()
    for key in ("consumers:key/x", "consumers:consumer/y", "consumers:new/z", "consumers:odd"):
        await store.put(key, b"\xc1 not a record")
    roster = Roster(store)
    await roster.add(ANNA)
    known = await roster.load()
    assert (known.consumers, known.keys) == ((ANNA,), ())
