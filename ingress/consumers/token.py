"""What an API key looks like: ``qg_4kXw9TzQ1b_...``.

A prefix says whose keys these are, so that scanners of source code find one that was published. An
id of ten characters is public: it is what people call the key, and what it is looked up by. Then
come 190 random bits, and six characters of CRC-32 that tell a mistyped key from a wrong one without
asking anybody (as GitHub's token format of 2021 does).
"""

import re
import secrets
import zlib
from typing import Final

PREFIX: Final = "qg"

_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID, _SECRET, _CHECK = 10, 32, 6
# Where the id stands, counted from the end: no prefix need be known to find it.
_FROM: Final = -(_ID + 1 + _SECRET + _CHECK)
ID: Final = slice(_FROM, _FROM + _ID)
"""Where the public id stands in a key."""

_FORM: Final = re.compile(
    rf"[A-Za-z][A-Za-z0-9_]*_[0-9A-Za-z]{{{_ID}}}_[0-9A-Za-z]{{{_SECRET + _CHECK}}}"
)


def make(prefix: str = PREFIX) -> str:
    """Make a key that nobody had before."""
    body = f"{prefix}_{_random(_ID)}_{_random(_SECRET)}"
    return body + _checksum(body)


def id_of(key: str) -> str:
    """Give the public id of a key; of what is none, something that nobody has."""
    return key[ID]


def is_sound(key: str) -> bool:
    """Whether it has the form of a key, and its checksum fits."""
    return bool(_FORM.fullmatch(key)) and _checksum(key[:-_CHECK]) == key[-_CHECK:]


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _checksum(text: str) -> str:
    rest, letters = zlib.crc32(text.encode()), ""
    for _ in range(_CHECK):
        rest, digit = divmod(rest, len(_LETTERS))
        letters = _LETTERS[digit] + letters
    return letters
