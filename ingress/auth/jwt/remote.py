"""Keys from a URL: fetched when they are needed, kept while they are good, by one at a time.

- Nobody waits for keys that are merely old: they are used while new ones are fetched.
- While the URL is down the old ones stay in use, up to a limit.
- A key's name that is not known makes one fetch, at most one each ``cooldown``: the issuer may have
  a new key, and anyone can invent names.
- All that wait, wait for the same fetch.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from contracts.fault import Fault
from ingress.auth.http_client import HttpClient, Unreachable
from ingress.auth.jose import jwk, jws
from ingress.auth.jose.keyset import KeySet
from ingress.auth.web_address import shown

MAX_SET: Final = 256 * 1024
"""Bytes of a key set; a longer one is refused whole."""

# Seconds between two tries while there are no keys at all.
_PATIENCE: Final = 1.0

_OK: Final = 200

_log: Final = logging.getLogger(__name__)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How keys from a URL are kept. All in seconds.

    Keys older than ``refresh`` are fetched anew, older than ``stale`` no longer used. At least
    ``cooldown`` is between two fetches; each has ``timeout``.
    """

    refresh: float = 300.0
    stale: float = 86_400.0
    cooldown: float = 30.0
    timeout: float = 2.0


class RemoteKeys:
    """The keys of one URL, asked for with a client of its own.

    ``report`` hears in words why a fetch failed.
    """

    def __init__(
        self,
        url: str,
        client: HttpClient,
        terms: Terms,
        *,
        report: Callable[[str], object] = _log.warning,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._client = client
        self._terms = terms
        self._report = report
        self._clock = clock
        self._keys: KeySet | None = None
        self._data = b""
        self._fetched = 0.0
        self._tried: float | None = None
        self._failure = ""
        self._task: asyncio.Task[None] | None = None
        # Grows when the keys change: what was verified with others may not be good any more.
        self.generation = 0

    def find(self, token: jws.Token) -> KeySet | Awaitable[KeySet]:
        """Give keys that may have signed the token: at once, or when they were fetched.

        Raises ``Fault`` when there are none to be had.
        """
        keys = self._usable()
        if keys is None:
            if not self._may_try(_PATIENCE):
                raise self._unavailable()
            return self._after_fetch()
        if self._clock() - self._fetched >= self._terms.refresh and self._may_try():
            _ = self._fetch()
        if keys.candidates(token.kid, token.algorithm) or not token.kid:
            return keys
        return self._unknown(keys)

    def _unknown(self, keys: KeySet) -> KeySet | Awaitable[KeySet]:
        """Ask for a key whose name is not known, if it was not asked just now."""
        if self._task is not None or self._may_try():
            return self._after_fetch()
        if self._failure:
            # It may be a good one that could not be fetched.
            raise self._unavailable()
        return keys

    async def _after_fetch(self) -> KeySet:
        # Shielded: who leaves does not take the fetch away from the others.
        await asyncio.shield(self._fetch())
        keys = self._usable()
        if keys is None or self._failure:
            raise self._unavailable()
        return keys

    def _usable(self) -> KeySet | None:
        too_old = self._clock() - self._fetched >= self._terms.stale
        return None if too_old else self._keys

    def _may_try(self, pause: float | None = None) -> bool:
        if self._task is not None or self._tried is None:
            return True
        return self._clock() - self._tried >= (self._terms.cooldown if pause is None else pause)

    def _fetch(self) -> asyncio.Task[None]:
        if self._task is None:
            self._tried = self._clock()
            self._task = asyncio.ensure_future(self._try())
            self._task.add_done_callback(self._done)
        return self._task

    def _done(self, _task: asyncio.Task[None]) -> None:
        self._task = None

    async def _try(self) -> None:
        """Fetch once; what goes wrong is remembered and told, not raised."""
        try:
            answer = await self._client.send(
                "GET", self._url, timeout=self._terms.timeout, limit=MAX_SET
            )
            if answer.status != _OK:
                raise Unreachable(f"status {answer.status}")
            keys = jwk.read_set(answer.body)
            if not keys:
                raise Unreachable("no key in it can be used")
        except (Unreachable, ValueError) as error:
            self._failure = str(error)
            self._report(f"the keys of {shown(self._url)} cannot be had: {error}")
            return
        self._failure = ""
        self._fetched = self._clock()
        if answer.body != self._data:
            self._keys, self._data = KeySet(keys), answer.body
            self.generation += 1

    def _unavailable(self) -> Fault:
        return Fault("auth_unavailable", "the keys of the issuer cannot be had")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._client.close()

    def __repr__(self) -> str:
        state = self._failure or (f"{len(self._keys)} keys" if self._keys else "not fetched")
        return f"<RemoteKeys {shown(self._url)} {state}>"
