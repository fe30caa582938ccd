"""A client of one Redis that never waits for ever: what comes together is one round trip."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, OutOfMemoryError, RedisError, ResponseError

from contracts.fault import Fault

# Round trips that may be under way at one time; what comes meanwhile shares the next one.
_MOST_TRIPS: Final = 4
# Commands that may wait for a trip: more mean a Redis that does not answer.
_MOST_WAITING: Final = 10_000
# Commands of one trip: beyond that it would take others' time.
_BATCH: Final = 500

Word = str | bytes | int | float


class Script(msgspec.Struct, frozen=True):
    """A Lua script that Redis runs as one step."""

    text: str
    digest: str

    @classmethod
    def of(cls, text: str) -> "Script":
        """Make one of its text."""
        return cls(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


class _Waiting(msgspec.Struct, gc=False):
    words: tuple[Word, ...]
    done: "asyncio.Future[Any]"
    script: Script | None = None


class RedisLink:
    """Runs commands and scripts: ``await link.run(script, keys, words)``.

    It connects with the first of them, and again whenever that is needed. Answers are as Redis
    gives them: integers, bytes, ``None``, lists. ``timeout`` is in seconds, from the call to the
    answer. A command is never sent twice: it may have happened though its answer was lost.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        """Raise ``ValueError`` for an address that is none."""
        self._redis = Redis.from_url(
            url,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            max_connections=2 * _MOST_TRIPS,
        )
        try:
            # Connects nothing, but finds what redis-py does not know only when it connects.
            self._redis.connection_pool.make_connection()  # type: ignore[no-untyped-call]
        except (TypeError, ValueError):
            raise ValueError("the address of the store has a setting that Redis lacks") from None
        self._timeout = timeout
        self._waiting: list[_Waiting] = []
        self._trips: set[asyncio.Task[None]] = set()
        self._due = False
        self._closed = False

    def __repr__(self) -> str:
        return f"<RedisLink {len(self._waiting)} waiting, {len(self._trips)} under way>"

    async def run(self, script: Script, keys: Sequence[str], words: Sequence[Word]) -> Any:  # noqa: ANN401
        """Run a script; raises only ``Fault("store_down")``."""
        return await self._ask(("EVALSHA", script.digest, len(keys), *keys, *words), script)

    async def command(self, *words: Word) -> Any:  # noqa: ANN401 - what Redis says
        """Run a command; raises only ``Fault("store_down")``."""
        return await self._ask(words, None)

    async def close(self) -> None:
        """End the trips that are under way, and let the connections go."""
        self._closed = True
        for trip in tuple(self._trips):
            trip.cancel()
        await asyncio.gather(*self._trips, return_exceptions=True)
        self._fail(self._waiting, "the store is closed")
        self._waiting.clear()
        await self._redis.aclose()

    async def _ask(self, words: tuple[Word, ...], script: Script | None) -> Any:  # noqa: ANN401
        if self._closed:
            raise Fault("store_down", "the store is closed")
        if len(self._waiting) >= _MOST_WAITING:
            raise Fault("store_down", "the store is too slow")
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._waiting.append(_Waiting(words, done, script))
        self._plan_trip(loop)
        try:
            async with asyncio.timeout(self._timeout):
                return await done
        except TimeoutError:
            raise Fault("store_down", f"no answer in {self._timeout:g} s") from None

    def _plan_trip(self, loop: asyncio.AbstractEventLoop) -> None:
        """Leave at the end of this turn, or as soon as another trip is back."""
        if self._waiting and not self._due and len(self._trips) < _MOST_TRIPS:
            self._due = True
            loop.call_soon(self._leave, loop)

    def _leave(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = False
        # Nobody waits any more for what was cancelled: it must not happen behind their back.
        living = [one for one in self._waiting if not one.done.done()]
        batch, self._waiting = living[:_BATCH], living[_BATCH:]
        if batch:
            trip = loop.create_task(self._go(batch))
            self._trips.add(trip)
            trip.add_done_callback(self._back)
            self._plan_trip(loop)

    def _back(self, trip: "asyncio.Task[None]") -> None:
        self._trips.discard(trip)
        if not self._closed:
            self._plan_trip(trip.get_loop())

    async def _go(self, batch: list[_Waiting]) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                unknown = await self._send(batch)
                if unknown:
                    # Redis was started again since, or never heard of the script.
                    for script in {one.script for one in unknown if one.script}:
                        await self._redis.script_load(script.text)
                    self._fail(await self._send(unknown), "the store forgets its scripts")
        except (RedisError, OSError, TimeoutError) as error:
            self._fail(batch, _sentence(error))
        except asyncio.CancelledError:
            self._fail(batch, "the store is closed")
            raise

    async def _send(self, batch: list[_Waiting]) -> list[_Waiting]:
        """Make one round trip; gives those whose script Redis does not know."""
        pipeline = self._redis.pipeline(transaction=False)
        for one in batch:
            pipeline.execute_command(*one.words)
        unknown = []
        answers = await pipeline.execute(raise_on_error=False)
        for one, answer in zip(batch, answers, strict=True):
            if one.done.done():
                continue
            if isinstance(answer, NoScriptError):
                unknown.append(one)
            elif isinstance(answer, Exception):
                one.done.set_exception(Fault("store_down", _sentence(answer)))
            else:
                one.done.set_result(answer)
        return unknown

    def _fail(self, batch: list[_Waiting], why: str) -> None:
        for one in batch:
            if not one.done.done():
                one.done.set_exception(Fault("store_down", why))


def _sentence(error: Exception) -> str:
    """Say what is wrong, without what the address may hold."""
    if isinstance(error, OutOfMemoryError):
        return "the store is full"
    if isinstance(error, ResponseError):
        return f"the store refuses: {error}"
    if isinstance(error, TimeoutError):
        return "the store does not answer"
    return "the store cannot be reached"
