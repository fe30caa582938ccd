from pathlib import Path

import pytest

from contracts.stores import open_store


@pytest.mark.parametrize(
    "url, shown",
    [
        ("memory://", "<MemoryStore 0 entries, 0 bytes>"),
        ("sqlite:x.db?timeout=2", "<SQLiteStore /base/x.db>"),
        ("sqlite:/abs/x.db", "<SQLiteStore /abs/x.db>"),
        ("redis://:secret@h/0?prefix=p", "<RedisStore p <RedisLink 0 waiting, 0 under way>>"),
    ],
)
async def test_an_address_gives_its_store(url: str, shown: str) -> None:
    """Each kind of address gives its kind of store, which connects to nothing yet."""
    store = open_store(url, Path("/base"))
    assert repr(store) == shown
    await store.close()


def test_what_is_no_address_gives_none() -> None:
    """An address that cannot be used is a ValueError."""
    with pytest.raises(ValueError, match="a store is"):
        open_store("x")
