from collections.abc import AsyncIterator

import pytest

from contracts.stores import open_store
from contracts.stores.port import Store
from contracts.stores.redis import RedisStore
from tests.contracts.stores.contract import StoreContract
from tests.harness.redis import PrivateRedis


class TestRedisStore(StoreContract):
    @pytest.fixture
    async def store(self, redis_url: str) -> AsyncIterator[Store]:
        store = open_store(redis_url)
        yield store
        await store.close()

    @pytest.fixture
    async def peer(self, redis_url: str) -> AsyncIterator[Store]:
        peer = open_store(redis_url)
        yield peer
        await peer.close()


async def test_it_keeps_what_redis_keeps(redis: PrivateRedis, redis_url: str) -> None:
    """After Redis was killed and started again, scripts and entries are there as before."""
    store = open_store(redis_url)
    version = await store.put("a:1", b"x")
    redis.kill()
    redis.restart()
    entry = await store.get("a:1")
    assert entry is not None
    assert (entry.value, entry.version) == (b"x", version)
    assert await store.put("a:1", b"y") > version
    await store.close()


async def test_a_lost_database_repeats_no_version(redis_url: str) -> None:
    """When Redis lost all that it had, versions go on above those that were given before."""
    store = open_store(redis_url)
    assert isinstance(store, RedisStore)
    version = await store.put("a:1", b"x")
    await store.link.command("DEL", f"{store.prefix}:e:a:1", f"{store.prefix}:g:a")
    assert await store.put("a:1", b"y") > version
    await store.close()
