import pytest

from contracts.stores import open_store
from contracts.stores.redis import RedisStore, Script
from contracts.stores.redis import scripts as module


@pytest.mark.parametrize("name", ["GET", "WRITE", "DELETE"])
async def test_redis_takes_the_script(name: str, redis_url: str) -> None:
    """Each script compiles, and Redis knows it by the digest that we call it by."""
    script = getattr(module, name)
    assert isinstance(script, Script)
    store = open_store(redis_url)
    assert isinstance(store, RedisStore)
    assert await store.link.command("SCRIPT", "LOAD", script.text) == script.digest.encode()
    await store.close()
