"""Where a token is shown, as the route file says it."""

import pytest
from pydantic import ValidationError

from ingress.auth.bearer import Place
from ingress.auth.token_section import TokenSection


def test_a_token_is_in_authorization_unless_told_otherwise() -> None:
    """Names of fields are compared without case; those of cookies are not."""
    assert TokenSection().place == Place()
    said = TokenSection(header="X-Token", cookie="Sid", realm="shop")
    assert said.place == Place(header="x-token", cookie="Sid", realm="shop")


def test_a_field_that_can_be_none_is_refused() -> None:
    """Before anybody waits for it."""
    with pytest.raises(ValidationError):
        TokenSection(header="x token")
