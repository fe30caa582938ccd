import base64

import pytest

from ingress.journal import keys

KEY = bytes(range(200, 232))


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode(),
        KEY.hex(),
        KEY.hex().upper(),
        f" {KEY.hex()}\n",
    ],
)
def test_a_key_is_read_from_base64_and_hex(text: str) -> None:
    """What the usual tools print is a key, with whatever blanks around it."""
    assert keys.read(text) == KEY


@pytest.mark.parametrize("text", ["", "s3cret", "ab" * 31, "=" * 44, "é" * 32])
def test_what_is_no_key_is_refused_without_being_repeated(text: str) -> None:
    """The sentence says how to make one, and does not show what was given."""
    with pytest.raises(ValueError, match="openssl rand") as caught:
        keys.read(text)
    assert not text or text not in str(caught.value)


def test_a_name_tells_keys_apart() -> None:
    """Two keys have two names, of which neither is a part of the key."""
    assert keys.name(KEY) != keys.name(KEY[::-1])
    assert keys.name(KEY) not in KEY.hex()
