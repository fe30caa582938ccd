"""The file with the keys."""

from pathlib import Path

import pytest

from contracts.callers.keys import read_keys
from ingress.callers import keyfile


def test_a_key_is_put_first_and_the_others_stay(tmp_path: Path) -> None:
    """The new one signs; the old one is still believed."""
    path = tmp_path / "keys.json"
    keyfile.add(keyfile.make(key_id="one"), path)
    keyfile.add(keyfile.make(key_id="two", hmac=True), path)
    assert [repr(key) for key in read_keys(path.read_text())] == ["<Hmac two>", "<Ed25519 one>"]
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]


def test_a_name_that_is_there_already_is_refused(tmp_path: Path) -> None:
    """And the file stays as it was."""
    path = tmp_path / "keys.json"
    keyfile.add(keyfile.make(key_id="one"), path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="same `kid`"):
        keyfile.add(keyfile.make(key_id="one"), path)
    assert path.read_bytes() == before


def test_what_is_no_key_set_is_not_written_over(tmp_path: Path) -> None:
    """It may be something that somebody needs."""
    path = tmp_path / "keys.json"
    path.write_text("notes")
    with pytest.raises(ValueError, match="not JSON"):
        keyfile.add(keyfile.make(), path)
    assert path.read_text() == "notes"


def test_the_public_half_cannot_sign(tmp_path: Path) -> None:
    """It is all that a worker needs."""
    path = tmp_path / "keys.json"
    keyfile.add(keyfile.make(key_id="one"), path)
    (key,) = read_keys(keyfile.write(keyfile.public(path)))
    assert (key.id, key.private) == ("one", False)


def test_a_secret_has_no_public_half(tmp_path: Path) -> None:
    """Who asks for one is told, rather than given the secret."""
    path = tmp_path / "keys.json"
    keyfile.add(keyfile.make(key_id="one", hmac=True), path)
    with pytest.raises(ValueError, match="one: a secret has no public half"):
        keyfile.public(path)


def test_each_key_is_another_one() -> None:
    """Random, and named after the moment when nobody names it."""
    one, two = keyfile.make(hmac=True), keyfile.make(hmac=True)
    assert one["k"] != two["k"]
    assert one["kid"].startswith("20")
    with pytest.raises(ValueError, match="needs a `kid`"):
        keyfile.make(key_id="a b")
