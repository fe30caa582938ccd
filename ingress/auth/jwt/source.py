"""Where the keys of an issuer are: written down, in a file, or behind a URL."""

import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Protocol

from ingress.auth.jose import jwk, jws
from ingress.auth.jose.key import Key
from ingress.auth.jose.keyset import KeySet
from ingress.auth.jose.public_key import of_pem

# Bytes of a file of keys, and seconds between two looks at whether it changed.
_MAX_FILE: Final = 1024 * 1024
_LOOK: Final = 5.0

_log: Final = logging.getLogger(__name__)


class Source(Protocol):
    """Gives the keys for a token. ``generation`` grows when they change."""

    generation: int

    def find(self, token: jws.Token) -> KeySet | Awaitable[KeySet]:
        """Give keys that may have signed it. Raises ``Fault`` when they cannot be had."""
        ...

    async def close(self) -> None:
        """Stop asking."""
        ...


class FixedKeys:
    """Keys that do not change as long as the settings do not."""

    generation = 0

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    def find(self, _token: jws.Token) -> KeySet:
        return self._keys

    async def close(self) -> None:
        """Nothing is held."""

    def __repr__(self) -> str:
        return f"<FixedKeys {self._keys!r}>"


class FileKeys:
    """Keys in a file: PEM, a JWK or a JWK Set. Read anew when it changes; a wrong one is not taken.

    ``check`` raises ``ValueError`` for keys that are of no use.
    """

    def __init__(
        self,
        path: Path,
        check: Callable[[KeySet], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.generation = 0
        self._path = path
        self._check = check
        self._clock = clock
        self._stamp = _stamp(path)
        self._looked = clock()
        self._keys = self._read()

    def find(self, _token: jws.Token) -> KeySet:
        now = self._clock()
        if now - self._looked >= _LOOK:
            self._looked = now
            self._look()
        return self._keys

    def _look(self) -> None:
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._keys = self._read()
        except ValueError as error:
            _log.warning("the old keys stay: %s", error)
            return
        self.generation += 1

    def _read(self) -> KeySet:
        keys = KeySet(read_file(self._path))
        try:
            self._check(keys)
        except ValueError as error:
            raise ValueError(f"{self._path}: {error}") from None
        return keys

    async def close(self) -> None:
        """Nothing is held."""

    def __repr__(self) -> str:
        return f"<FileKeys {self._path} {self._keys!r}>"


def read_file(path: Path) -> tuple[Key, ...]:
    """Read the keys of a file. Raises ``ValueError`` with its path."""
    try:
        return read_keys(_bytes_of(path))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def read_keys(data: bytes) -> tuple[Key, ...]:
    """Read keys from PEM or JSON. Raises ``ValueError``."""
    return (of_pem(data),) if b"-----BEGIN" in data else jwk.read(data)


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ValueError(f"cannot be read: {reason}") from None
    if len(data) > _MAX_FILE:
        raise ValueError("is too large for a file of keys")
    return data


def _stamp(path: Path) -> tuple[int, int, int]:
    """Give what changes when the file does, or when a link leads to another one."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)
