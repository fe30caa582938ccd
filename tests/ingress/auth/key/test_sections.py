"""What the route file says of API keys."""

import pytest
from pydantic import ValidationError

from ingress.auth.key.sections import KeySection


def test_places_are_names() -> None:
    """What could be no field, no query's key and no cookie is refused."""
    assert KeySection(header="X-Key", query="k", cookie="c").header == "X-Key"
    for wrong in ("", "x key", "x:key", "x\n", "k" * 65, "ключ"):
        with pytest.raises(ValidationError):
            KeySection(header=wrong)


def test_a_realm_cannot_end_its_quotes() -> None:
    """It goes into a header field as it is."""
    for wrong in ('a"b', "a\\b", "a\nb", ""):
        with pytest.raises(ValidationError):
            KeySection(realm=wrong)
