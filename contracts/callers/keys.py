"""Keys that sign and check statements about callers: a JSON Web Key Set (RFC 7517).

Two kinds. With Ed25519 (RFC 8037) only the gateway can sign and whoever has the public key can
check, so a worker that was broken into cannot speak for callers to others. With HMAC-SHA-256 (RFC
7518 section 3.2) it is one secret for both, a twentieth of the time, and right where all who have
it trust each other. A key does one algorithm, whatever a statement says that it was signed with.
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

_MOST_KEYS: Final = 16
_SHORTEST_SECRET: Final = 32
_ED25519_BYTES: Final = 32
_KEY_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*")


class Key(Protocol):
    """A key with a name. ``private`` says that it can sign."""

    @property
    def id(self) -> str:
        """Its ``kid``."""
        ...

    @property
    def algorithm(self) -> str:
        """Its ``alg`` (RFC 7518, RFC 8037)."""
        ...

    @property
    def private(self) -> bool:
        """Whether it can sign."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign; for private keys alone."""
        ...

    def verify(self, data: bytes, signature: bytes) -> bool:
        """Say whether it is this key's signature."""
        ...


class Hmac:
    """One secret for both sides: ``HS256``."""

    algorithm: Final = "HS256"
    private: Final = True

    def __init__(self, key_id: str, secret: bytes) -> None:
        self.id = key_id
        self._secret = secret

    def sign(self, data: bytes) -> bytes:
        return hmac.digest(self._secret, data, "sha256")

    def verify(self, data: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(self.sign(data), signature)

    def __repr__(self) -> str:
        return f"<Hmac {self.id}>"


class Ed25519:
    """A pair, or the public half of one: ``EdDSA``."""

    algorithm: Final = "EdDSA"

    def __init__(self, key_id: str, public: bytes, seed: bytes | None = None) -> None:
        self.id = key_id
        self._public = Ed25519PublicKey.from_public_bytes(public)
        self._private = None if seed is None else Ed25519PrivateKey.from_private_bytes(seed)
        if self._private is not None and self._private.public_key() != self._public:
            raise ValueError(f"the two halves of the key {key_id!r} do not belong together")

    @property
    def private(self) -> bool:
        return self._private is not None

    def sign(self, data: bytes) -> bytes:
        if self._private is None:
            raise ValueError(f"the key {self.id!r} is public: it cannot sign")
        return self._private.sign(data)

    def verify(self, data: bytes, signature: bytes) -> bool:
        try:
            self._public.verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def __repr__(self) -> str:
        return f"<Ed25519 {self.id}{'' if self._private else ' public'}>"


def read_keys(text: str) -> tuple[Key, ...]:
    """Read a JSON Web Key Set, or one key.

    Raises ``ValueError`` with a sentence that repeats no key.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("this is no JSON Web Key Set: it is not JSON") from None
    listed = document.get("keys", [document]) if isinstance(document, dict) else None
    if not isinstance(listed, list) or not 1 <= len(listed) <= _MOST_KEYS:
        raise ValueError(f"a JSON Web Key Set has from 1 to {_MOST_KEYS} keys under `keys`")
    keys = tuple(_key(one) for one in listed)
    if len({key.id for key in keys}) < len(keys):
        raise ValueError("two keys have the same `kid`")
    return keys


def generate_pair() -> tuple[bytes, bytes]:
    """Make an Ed25519 pair: the public half, and the seed of the private one."""
    key = Ed25519PrivateKey.generate()
    return key.public_key().public_bytes_raw(), key.private_bytes_raw()


def decode(text: str) -> bytes:
    """Decode base64url without padding (RFC 7515 section 2), and nothing that is not exactly that.

    Raises ``ValueError``.
    """
    if not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        data = b""
    # Bits behind the end would be a second spelling of the same bytes.
    if encode(data) != text:
        raise ValueError("not base64url")
    return data


def encode(data: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _key(given: object) -> Key:
    record = given if isinstance(given, dict) else {}
    key_id = record.get("kid")
    if not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise ValueError("a key needs a `kid` of letters, digits, `.`, `_` and `-`")
    match record.get("kty"), record.get("crv"):
        case "oct", None:
            key = _secret(record, key_id)
        case "OKP", "Ed25519":
            key = _pair(record, key_id)
        case _:
            raise ValueError(f"the key {key_id!r} is neither `oct` nor `OKP` with `Ed25519`")
    if record.get("alg", key.algorithm) != key.algorithm:
        raise ValueError(f"the key {key_id!r} is for {key.algorithm}, and its `alg` says otherwise")
    if record.get("use", "sig") != "sig":
        raise ValueError(f"the key {key_id!r} is not for signatures")
    return key


def _secret(record: Mapping[str, Any], key_id: str) -> Key:
    secret = _bytes(record, "k", key_id)
    if len(secret) < _SHORTEST_SECRET:
        raise ValueError(f"the secret {key_id!r} has less than {_SHORTEST_SECRET} bytes")
    return Hmac(key_id, secret)


def _pair(record: Mapping[str, Any], key_id: str) -> Key:
    public = _bytes(record, "x", key_id, _ED25519_BYTES)
    seed = _bytes(record, "d", key_id, _ED25519_BYTES) if "d" in record else None
    return Ed25519(key_id, public, seed)


def _bytes(record: Mapping[str, Any], name: str, key_id: str, size: int | None = None) -> bytes:
    value = record.get(name)
    try:
        data = decode(value) if isinstance(value, str) else b""
    except ValueError:
        data = b""
    if not data or size not in {None, len(data)}:
        raise ValueError(f"`{name}` of the key {key_id!r} is not what it has to be")
    return data
