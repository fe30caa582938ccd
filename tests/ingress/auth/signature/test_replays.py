import pytest

from contracts.fault import Fault
from contracts.stores import open_store
from ingress.auth.refusal import Refused
from ingress.auth.signature.replays import Replays


async def test_what_was_sent_is_not_sent_again() -> None:
    """The same base of the same key is refused, in every process that shares the store."""
    store = open_store("memory://")
    one, two = Replays(store, "partners"), Replays(store, "partners")
    await one.check("key", b"base", 60)
    for each in (one, two):
        with pytest.raises(Refused, match="sent before"):
            await each.check("key", b"base", 60)
    await one.check("key", b"other", 60)
    await one.check("other", b"base", 60)
    await Replays(store, "others").check("key", b"base", 60)
    await store.close()


async def test_without_the_store_it_cannot_be_told() -> None:
    """A store that is away refuses all: a replay could be among them."""
    store = open_store("redis://127.0.0.1:1/0?timeout=0.2")
    with pytest.raises(Fault, match="store_down"):
        await Replays(store, "partners").check("key", b"base", 60)
    await store.close()
