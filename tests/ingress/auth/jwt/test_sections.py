from typing import Any

import pytest
from pydantic import ValidationError

from ingress.auth.jwt.sections import JwtSection

SECRET = "a secret of more than thirty-two characters"
LEAST: dict[str, Any] = {"algorithms": ["HS256"], "keys": {"secrets": [SECRET]}}


def test_little_is_needed() -> None:
    """Algorithms and keys are all that has no default."""
    section = JwtSection.model_validate(LEAST)
    assert section.algorithms == ("HS256",)
    assert (section.required, section.any_audience, section.header) == (
        ("exp",),
        False,
        "authorization",
    )


URL = "https://id.example/keys"
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no algorithm": ({"algorithms": []}, "at least 1"),
    "none": ({"algorithms": ["none"]}, "HS256"),
    "an unknown algorithm": ({"algorithms": ["ES256K"]}, "HS256"),
    "both kinds": ({"algorithms": ["HS256", "ES256"]}, "do not mix"),
    "a secret for public keys": ({"algorithms": ["ES256"]}, "secrets are for HS"),
    "a url of secrets": ({"keys": {"url": URL}}, "served at a url is none"),
    "no keys": ({"keys": {}}, "exactly one of"),
    "two places of keys": ({"keys": {"url": URL, "file": "x"}}, "exactly one of"),
    "a short secret": ({"keys": {"secrets": ["x"]}}, "at least 32 bytes"),
    "no secrets": ({"keys": {"secrets": []}}, "at least 1"),
    "plain http": ({"algorithms": ["ES256"], "keys": {"url": "http://a.example/"}}, "this machine"),
    "two words on audiences": ({"audiences": ["a"], "any_audience": True}, "either audiences"),
    "great leeway": ({"leeway": "1h"}, "less than or equal to 300"),
    "an unknown key": ({"algorithm": "HS256"}, "Extra inputs"),
    "a header that is none": ({"header": "a b"}, "a name of a header"),
    "a realm with a quotation mark": ({"realm": 'a"b'}, "match pattern"),
}


@pytest.mark.parametrize("change, said", WRONG.values(), ids=WRONG.keys())
def test_what_is_not_safe_is_refused(change: dict[str, Any], said: str) -> None:
    """A setting that would let in whom nobody meant is an error, with a sentence."""
    with pytest.raises(ValidationError) as caught:
        JwtSection.model_validate({**LEAST, **change})
    assert said in str(caught.value)


def test_plain_http_may_be_insisted_on() -> None:
    """Who knows the network may say so."""
    keys = {"url": "http://id.internal/keys", "insecure": True}
    assert JwtSection.model_validate({"algorithms": ["ES256"], "keys": keys}).keys.insecure


def test_a_secret_is_not_shown() -> None:
    """The repr of the settings holds no secret."""
    assert SECRET not in repr(JwtSection.model_validate(LEAST))
