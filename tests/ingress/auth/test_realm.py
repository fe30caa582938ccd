"""What a challenge calls a place."""

import pytest
from pydantic import TypeAdapter, ValidationError

from ingress.auth.realm import Realm

REALM: TypeAdapter[str] = TypeAdapter(Realm)


@pytest.mark.parametrize("realm", ["shop", "the shop, and more", "~" * 64])
def test_a_realm_is_printable_ascii(realm: str) -> None:
    """With spaces in it, if one likes."""
    assert REALM.validate_python(realm) == realm


@pytest.mark.parametrize("realm", ['a"b', "a\\b", "a\nb", "a\n", "", "~" * 65, "käse"])
def test_a_realm_cannot_end_its_quotes(realm: str) -> None:
    """It goes into a header field as it is."""
    with pytest.raises(ValidationError):
        REALM.validate_python(realm)
