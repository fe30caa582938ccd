"""Passwords of consumers: argon2id hashes (RFC 9106), made and verified off the event loop.

To verify one takes tens of milliseconds of a processor and 64 MiB, by design. So it is done in a
few threads, and only so many may wait for them.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from contracts.fault import Fault

MAX_LENGTH: Final = 1024
"""Bytes of a password."""

_THREADS: Final = 2
_WAITING: Final = 64

_HASHER: Final = argon2.PasswordHasher()


def make(password: str) -> str:
    """Hash a password; takes a while. Raises ``ValueError`` for one that cannot be taken."""
    data = password.encode("utf-8", "surrogatepass")
    if not 0 < len(data) <= MAX_LENGTH:
        raise ValueError(f"a password has at least one character, and at most {MAX_LENGTH} bytes")
    return _HASHER.hash(data)


def check_hash(text: str) -> str:
    """Check that a text is an argon2 hash. Raises ``ValueError``."""
    try:
        argon2.extract_parameters(text)
    except InvalidHashError:
        hint = "queuegate consumers hash"
        raise ValueError(f"a password is kept as an argon2 hash; `{hint}` makes one") from None
    return text


class Verifier:
    """Verifies passwords in threads of its own; made when it is first used."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._waiting = 0

    async def verify(self, hashed: str, password: str) -> bool:
        """Whether the password fits. Raises ``overloaded`` when too many wait to know."""
        if self._waiting >= _WAITING:
            raise Fault("overloaded", "too many passwords are being verified")
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="password")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, _fits, hashed, password)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the threads end, once they have verified what they began with."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def __repr__(self) -> str:
        return f"<Verifier {self._waiting} waiting>"


def _fits(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
