import pytest

from contracts.stores.redis import RedisLink, Script
from ingress.limits import script as module
from tests.harness.redis import PrivateRedis


@pytest.mark.parametrize("name", ["TAKE", "PLACES", "FORGET"])
async def test_redis_takes_the_script(name: str, redis: PrivateRedis) -> None:
    """Each script compiles, and Redis knows it by the digest that we call it by."""
    redis.restart()
    script = getattr(module, name)
    assert isinstance(script, Script)
    link = RedisLink(redis.url, timeout=2)
    assert await link.command("SCRIPT", "LOAD", script.text) == script.digest.encode()
    await link.close()
