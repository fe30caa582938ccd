"""Encryption of what a record holds, at rest: AES-256-GCM, by keys of the operator.

The first key encrypts, all of them decrypt: to change a key, put the new one in front and keep the
old one behind it until its records are gone.

Each writer encrypts with a key of its own, derived from the operator's by HKDF (RFC 5869) with a
random salt, and counts its nonces: so none comes twice, however many records there are (random
nonces would limit one key to 2**32 of them, NIST SP 800-38D section 8.3).
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ingress.journal.keys import SIZE, name
from ingress.journal.record import Content, JournalError, Record

_SALT: Final = 16
_NONCE: Final = 12


class Keyring:
    """Keys of a journal, the one that encrypts first; none is a journal in the clear."""

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        self._keys = {name(key): key for key in keys}
        self._first = next(iter(self._keys), "")
        self._salt = os.urandom(_SALT)
        self._numbers = count()

    def __repr__(self) -> str:
        return f"<Keyring {', '.join(self._keys) or 'without keys'}>"

    def __bool__(self) -> bool:
        return bool(self._keys)

    @property
    def secret(self) -> bytes:
        """What keys the digests of redacted values; empty without keys."""
        key = self._keys.get(self._first)
        return hmac.new(key, b"queuegate journal digests", hashlib.sha256).digest() if key else b""

    def seal(self, record: Record) -> Record:
        """Encrypt the content of a record; without a key it stays as it is."""
        if not self._first or isinstance(record.content, bytes):
            return record
        sealed, key = self.lock(record.id, _encode(record.content))
        return msgspec.structs.replace(record, content=sealed, key=key)

    def lock(self, id: str, content: bytes) -> tuple[bytes, str]:  # noqa: A002 - the record's word
        """Encrypt the stored content of a record that has this id; give the key's name with it.

        There must be a key.
        """
        cipher = _cipher(self._keys[self._first], self._salt)
        nonce = next(self._numbers).to_bytes(_NONCE)
        return self._salt + nonce + cipher.encrypt(nonce, content, id.encode()), self._first

    def unlock(self, record: Record) -> Record:
        """Decrypt the content of a record; without its key it stays locked.

        Raises ``JournalError`` when it was tampered with.
        """
        sealed, key = record.content, self._keys.get(record.key)
        if key is None or not isinstance(sealed, bytes):
            return record
        salt, nonce, rest = sealed[:_SALT], sealed[_SALT : _SALT + _NONCE], sealed[_SALT + _NONCE :]
        try:
            content = _decode(_cipher(key, salt).decrypt(nonce, rest, record.id.encode()))
        except (InvalidTag, ValueError, msgspec.DecodeError):
            raise JournalError(f"record {record.id} was damaged or tampered with") from None
        return msgspec.structs.replace(record, content=content)


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Content).decode


@lru_cache(maxsize=1024)
def _cipher(key: bytes, salt: bytes) -> AESGCM:
    derive = HKDF(algorithm=hashes.SHA256(), length=SIZE, salt=salt, info=b"queuegate journal")
    return AESGCM(derive.derive(key))
