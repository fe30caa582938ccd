from collections.abc import AsyncIterator

import pytest

from contracts.stores.redis import RedisLink
from ingress.limits import presence as module
from ingress.limits.presence import Presence
from tests.harness.redis import PrivateRedis
from tests.harness.waiting import eventually


@pytest.fixture
async def link(redis: PrivateRedis) -> AsyncIterator[RedisLink]:
    redis.restart()
    link = RedisLink(redis.url, timeout=0.5)
    yield link
    await link.close()


@pytest.fixture
def prefix(redis: PrivateRedis) -> str:
    return redis.own_url().rpartition("=")[2]


async def test_it_is_seen_while_it_lives(
    link: RedisLink, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign of life is there from the first call on, is renewed, and goes when it closes."""
    monkeypatch.setattr(module, "_EVERY", 0.05)
    presence = Presence(link, prefix)
    name = presence.living + presence.process
    await presence.show()
    await presence.show()
    assert 9000 < await link.command("PTTL", name) <= 10_000
    await link.command("DEL", name)

    async def again() -> bool:
        return bool(await link.command("EXISTS", name))

    await eventually(again)
    await presence.close()
    assert not await link.command("EXISTS", name)


async def test_what_got_lost_is_said_again(
    link: RedisLink, prefix: str, redis: PrivateRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When Redis was away as a call ended, it hears of it afterwards."""
    monkeypatch.setattr(module, "_EVERY", 0.05)
    presence, row = Presence(link, prefix), f"{prefix}:row"
    await presence.show()
    for _ in range(2):
        sequence, calls = presence.begin(row)
        await link.command("HSET", f"{row}:c", presence.process, f"{sequence}:{calls}")
    redis.kill()
    presence.end(row)
    await eventually(lambda: row in presence._unsure)
    redis.restart()

    async def mended() -> bool:
        said = await link.command("HGET", f"{row}:c", presence.process)
        return bool(said.endswith(b":1"))

    await eventually(mended)
    await presence.close()


async def test_a_late_word_changes_nothing(link: RedisLink, prefix: str) -> None:
    """A word that comes after a later one is not believed."""
    presence, row = Presence(link, prefix), f"{prefix}:row"
    for _ in range(3):
        presence.begin(row)
    await link.command("HSET", f"{row}:c", presence.process, "99:2")
    await presence._say(row)
    assert await link.command("HGET", f"{row}:c", presence.process) == b"99:2"
    assert repr(presence) == f"<Presence {presence.process} 3 calls>"
    await presence.close()
