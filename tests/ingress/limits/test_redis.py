import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from contracts.stores.redis import RedisLink, Script
from ingress.limits import presence, script
from ingress.limits.local import LocalMeter
from ingress.limits.meter import Meter
from ingress.limits.redis import RedisMeter
from tests.harness.redis import PrivateRedis
from tests.harness.waiting import eventually
from tests.ingress.limits.contract import Clock, MeterContract, is_down, passes, rates, take


class _RedisClock(Clock):
    """A clock that the scripts read in place of Redis's own."""

    def __init__(self, link: RedisLink, name: str) -> None:
        super().__init__()
        self._link = link
        self._name = name

    async def forward(self, ms: int) -> None:
        await super().forward(ms)
        seconds, rest = divmod(self.ms, 1000)
        await self._link.command("DEL", self._name)
        await self._link.command("RPUSH", self._name, seconds, rest * 1000)


class TestRedisMeter(MeterContract):
    @pytest.fixture
    async def link(self, redis: PrivateRedis) -> AsyncIterator[RedisLink]:
        redis.restart()
        link = RedisLink(redis.url, timeout=2)
        yield link
        await link.close()

    @pytest.fixture
    def prefix(self, redis: PrivateRedis) -> str:
        return redis.own_url().rpartition("=")[2]

    @pytest.fixture
    async def clock(self, link: RedisLink, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Clock:
        clock = _RedisClock(link, f"{prefix}:clock")
        read = f"redis.call('LRANGE', '{prefix}:clock', 0, 1)"
        text = script.TAKE.text.replace("redis.call('TIME')", read)
        monkeypatch.setattr(script, "TAKE", Script.of(text))
        await clock.forward(0)
        return clock

    @pytest.fixture
    async def meter(self, link: RedisLink, prefix: str, clock: Clock) -> AsyncIterator[Meter]:
        meter = RedisMeter(link, prefix)
        yield meter
        await meter.close()

    @pytest.fixture
    async def peer(self, link: RedisLink, prefix: str, clock: Clock) -> AsyncIterator[Meter]:
        peer = RedisMeter(link, prefix)
        yield peer
        await peer.close()

    @pytest.fixture
    async def model(self, clock: Clock) -> AsyncIterator[Meter]:
        model = LocalMeter(None, clock=clock)
        yield model
        await model.close()

    async def settled(self, meter: Meter) -> None:
        assert isinstance(meter, RedisMeter)
        await asyncio.gather(*meter._presence._words)


@pytest.fixture
async def meter(redis: PrivateRedis) -> AsyncIterator[RedisMeter]:
    redis.restart()
    link = RedisLink(redis.url, timeout=0.5)
    meter = RedisMeter(link, redis.own_url().rpartition("=")[2])
    yield meter
    await meter.close()
    await link.close()


async def test_by_redis_own_clock(meter: RedisMeter) -> None:
    """In real time, too, so many pass in a window and again in the next."""
    limit = rates("a", "20/s")
    for _ in range(2):
        assert await passes(meter, limit, 30) == 20
        verdict = await take(meter, (limit, "anna"))
        assert 0 < verdict.refused[0][2] <= 1001
        await asyncio.sleep(verdict.refused[0][2] / 1000 + 0.05)


async def test_calls_of_one_turn_share_a_round_trip(meter: RedisMeter) -> None:
    """However many calls come together and however many limits each has, Redis is asked once."""
    asks = [(rates("a", "500/s", "1000/m"), "anna"), (rates("b", "1000/h"), "anna")]
    await take(meter, *asks)
    before = (await meter._link.command("INFO", "stats"))["total_reads_processed"]
    await asyncio.gather(*(take(meter, *asks) for _ in range(50)))
    after = (await meter._link.command("INFO", "stats"))["total_reads_processed"]
    assert after - before <= 3


async def test_nothing_stays_for_ever(meter: RedisMeter) -> None:
    """All that is written for a key expires by itself."""
    limit = rates("a", "20/s", concurrent=5)
    await passes(meter, limit, 3)
    names = await meter._link.command("KEYS", f"{meter._prefix}:*")
    assert len(names) >= 5
    for name in names:
        assert await meter._link.command("PTTL", name) > 0


async def test_while_redis_is_away_nothing_is_counted(
    redis: PrivateRedis, meter: RedisMeter
) -> None:
    """A Redis that is gone or stands still is a store that is down, soon, and heals by itself."""
    assert not await is_down(meter)
    redis.freeze()
    began = time.monotonic()
    assert await is_down(meter)
    assert time.monotonic() - began < 1.5
    redis.thaw()
    redis.kill()
    assert await is_down(meter)
    redis.restart()
    assert not await is_down(meter)


async def test_places_of_a_dead_process_come_back(
    redis: PrivateRedis, meter: RedisMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a process held that gives no sign of life any more is free for others."""
    monkeypatch.setattr(presence, "_DEAD_AFTER", 1)
    link = RedisLink(redis.url, timeout=2)
    dead = RedisMeter(link, meter._prefix)
    ask = (rates("p", "1000/m", concurrent=2), "anna")
    for _ in range(2):
        await take(dead, ask)
    assert (await take(meter, ask)).refused
    # As a kill would: its signs end, and nothing is said of its calls.
    assert dead._presence._beating is not None
    dead._presence._beating.cancel()

    async def free() -> bool:
        return not (await take(meter, ask)).refused

    await eventually(free)
    await link.close()
