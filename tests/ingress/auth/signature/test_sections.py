from typing import Any

import pytest
from pydantic import ValidationError

from ingress.auth.signature.sections import SignatureSection

SECRET = "a secret of more than thirty-two characters"
KEY: dict[str, Any] = {"id": "shop", "algorithm": "hmac-sha256", "secret": SECRET}


def test_little_is_needed() -> None:
    """Keys are all that has no default; the request line and the host must be covered."""
    section = SignatureSection.model_validate({"keys": [KEY]})
    assert section.components == ("@method", "@authority", "@path", "@query")
    assert SECRET not in repr(section)


@pytest.mark.parametrize(
    "change, said",
    [
        ({"keys": []}, "at least 1"),
        ({"keys": [KEY, KEY]}, "two keys have one id"),
        ({"keys": [{**KEY, "algorithm": "ed25519"}]}, "a secret is for hmac-sha256"),
        ({"keys": [{**KEY, "file": "x"}]}, "either a secret or in a file"),
        ({"keys": [{"id": "a", "algorithm": "ed25519"}]}, "either a secret or in a file"),
        ({"keys": [{**KEY, "secret": "short"}]}, "at least 32 bytes"),
        ({"keys": [{**KEY, "algorithm": "hmac-sha1"}]}, "hmac-sha256"),
        ({"components": ["Date"]}, "lower case"),
        ({"components": ["@status"]}, "lower case"),
        ({"components": ["@query-param"]}, "lower case"),
        ({"max_age": "0s"}, "greater than or equal"),
    ],
)
def test_what_is_not_safe_is_refused(change: dict[str, Any], said: str) -> None:
    """Keys that do not fit, and components that no request has, are errors."""
    with pytest.raises(ValidationError) as caught:
        SignatureSection.model_validate({"keys": [KEY], **change})
    assert said in str(caught.value)
