"""Keys for a journal at rest, as an operator writes them. What they do is in :mod:`.crypt`."""

import base64
import binascii
import hashlib
import re
from typing import Final

SIZE: Final = 32
"""Bytes of a key."""

_HEX: Final = re.compile(r"[0-9A-Fa-f]{64}")


def read(text: str) -> bytes:
    """Read a key: 32 bytes in base64 or hexadecimal.

    Raises ``ValueError`` with a sentence that does not repeat it.
    """
    text = text.strip()
    try:
        key = bytes.fromhex(text) if _HEX.fullmatch(text) else _base64(text)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != SIZE:
        raise ValueError(
            "a key is 32 random bytes in base64 or hex: `openssl rand -base64 32` makes one"
        )
    return key


def name(key: bytes) -> str:
    """Name a key, for a record to say which one it needs; nothing can be guessed from it."""
    return hashlib.sha256(b"queuegate journal key" + key).hexdigest()[:8]


def _base64(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
