from typing import Any

import pytest
from pydantic import ValidationError

from ingress.auth.introspection.sections import IntrospectionSection

LEAST: dict[str, Any] = {
    "url": "https://id.example/introspect",
    "client_id": "gateway",
    "client_secret": "s3cret",
}


def test_little_is_needed() -> None:
    """Where to ask and who we are is all that has no default; the secret is not shown."""
    section = IntrospectionSection.model_validate(LEAST)
    assert section.claims.subject == ("sub", "username", "client_id")
    assert "s3cret" not in repr(section)


@pytest.mark.parametrize(
    "change, said",
    [
        ({"url": "http://id.example/"}, "this machine"),
        ({"url": "id.example"}, "must be a URL"),
        ({"client_secret": ""}, "at least 1"),
        ({"client_auth": "none"}, "'basic' or 'form'"),
        ({"remember": "2h"}, "less than or equal"),
        ({"secret": "x"}, "Extra inputs"),
    ],
)
def test_what_is_not_safe_is_refused(change: dict[str, Any], said: str) -> None:
    """A secret is not sent in the clear, and an answer not believed for hours."""
    with pytest.raises(ValidationError) as caught:
        IntrospectionSection.model_validate({**LEAST, **change})
    assert said in str(caught.value)


def test_plain_http_may_be_insisted_on() -> None:
    """Who knows the network may say so."""
    change = {"url": "http://id.internal/", "insecure": True}
    assert IntrospectionSection.model_validate({**LEAST, **change}).insecure
