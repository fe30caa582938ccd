"""The file with the keys: made, added to, and its public half."""

import json
import os
import secrets
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from contracts.callers.keys import encode, generate_pair, read_keys

_SECRET_BYTES: Final = 32

Jwk = Mapping[str, str]


def make(*, hmac: bool = False, key_id: str = "") -> Jwk:
    """Make a private key. Raises ``ValueError`` for a name that cannot be."""
    name = {"kid": key_id or time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()), "use": "sig"}
    if hmac:
        secret = encode(secrets.token_bytes(_SECRET_BYTES))
        key = {"kty": "oct", **name, "alg": "HS256", "k": secret}
    else:
        public, seed = generate_pair()
        key = {"kty": "OKP", "crv": "Ed25519", **name, "alg": "EdDSA"}
        key |= {"x": encode(public), "d": encode(seed)}
    read_keys(json.dumps(key))
    return key


def write(keys: Sequence[Jwk]) -> str:
    """Write a key set as text."""
    return json.dumps({"keys": [dict(key) for key in keys]}, indent=2) + "\n"


def add(key: Jwk, path: Path) -> None:
    """Put a key first into the set of a file, whole or not at all; only its owner may read it.

    Raises ``ValueError`` for a file that is no key set, and for a name that it has already.
    """
    text = write([key, *(_read(path) if path.exists() else [])])
    read_keys(text)
    # Made with mode 600, in the same folder: a rename is all or nothing.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def public(path: Path) -> list[Jwk]:
    """Give the public halves. Raises ``ValueError`` for a secret, which has none."""
    keys = _read(path)
    shared = [key["kid"] for key in keys if key["kty"] == "oct"]
    if shared:
        raise ValueError(f"{', '.join(shared)}: a secret has no public half; share the set itself")
    return [{name: value for name, value in key.items() if name != "d"} for key in keys]


def _read(path: Path) -> list[Jwk]:
    text = path.read_text(encoding="utf-8")
    read_keys(text)
    document = json.loads(text)
    keys: list[Jwk] = document.get("keys", [document])
    return keys
