import json
import logging
import os
from pathlib import Path

import pytest

from ingress.auth.jose import jws
from ingress.auth.jose.keyset import KeySet
from ingress.auth.jwt.source import FileKeys, FixedKeys, read_keys
from tests.ingress.auth.jose.minting import mint, pem, public
from tests.ingress.auth.jose.vectors import VECTORS

TOKEN = jws.parse(mint({}, "ES256"), ("ES256",))


def anything(keys: KeySet) -> None:
    """Take any keys."""


async def test_fixed_keys_do_not_change() -> None:
    """What is in the settings is given to all."""
    keys = KeySet([public("ES256")])
    one = FixedKeys(keys)
    assert one.find(TOKEN) is keys
    assert one.generation == 0
    await one.close()


def test_a_file_is_pem_or_json() -> None:
    """A PEM file, a JWK and a JWK Set are all files of keys."""
    assert read_keys(pem("ES256"))[0].crv == "P-256"
    assert read_keys(json.dumps(VECTORS[2].jwk).encode())[0].crv == "P-256"
    assert len(read_keys(json.dumps({"keys": [VECTORS[1].jwk, VECTORS[2].jwk]}).encode())) == 2


async def test_a_file_is_read_anew_when_it_changes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A new key counts within seconds, without a reload; a wrong file leaves the old keys."""
    now = 100.0
    path = tmp_path / "key.pem"
    path.write_bytes(pem("RS256"))
    one = FileKeys(path, anything, clock=lambda: now)
    assert [key.kty for key in one.find(TOKEN)] == ["RSA"]
    path.write_bytes(pem("ES256"))
    assert [key.kty for key in one.find(TOKEN)] == ["RSA"]
    now += 5
    assert [key.kty for key in one.find(TOKEN)] == ["EC"]
    assert one.generation == 1
    with caplog.at_level(logging.WARNING):
        path.write_bytes(b"garbage")
        now += 5
        assert [key.kty for key in one.find(TOKEN)] == ["EC"]
        os.unlink(path)  # noqa: PTH108 - it is the loss that is tested
        now += 5
        assert [key.kty for key in one.find(TOKEN)] == ["EC"]
    assert one.generation == 1
    assert len(caplog.messages) == 2
    assert "the old keys stay" in caplog.text
    await one.close()
    assert repr(one).startswith("<FileKeys ")


def test_a_file_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    """Missing, a folder, garbage, too large, or without a fitting key: a sentence with the path."""

    def nothing_fits(keys: KeySet) -> None:
        raise ValueError("there is no key for ES256")

    with pytest.raises(ValueError, match=r"none\.pem: cannot be read: no such file"):
        FileKeys(tmp_path / "none.pem", anything)
    with pytest.raises(ValueError, match="cannot be read"):
        FileKeys(tmp_path, anything)
    path = tmp_path / "key"
    for data, said in [
        (b"garbage", "not JSON"),
        (b"x" * (1024 * 1024 + 1), "too large"),
        (pem("RS256"), "no key for ES256"),
    ]:
        path.write_bytes(data)
        with pytest.raises(ValueError, match=said):
            FileKeys(path, nothing_fits)
