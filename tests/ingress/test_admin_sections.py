"""What the route file says of the admin port."""

import pytest
from pydantic import ValidationError

from ingress.admin_sections import AdminSection


def test_a_token_can_be_sent_and_not_guessed() -> None:
    """Short ones, and those that no header field could hold, are refused."""
    for good in ("off", "sixteen-letters!", None):
        assert AdminSection(token=good).token == good
    for wrong in ("", "short", "sixteen letters!", "sixteen-letters\n", "sechzehn-büchsen"):
        with pytest.raises(ValidationError):
            AdminSection(token=wrong)
