"""Names of places where a credential may travel."""

import pytest
from pydantic import TypeAdapter, ValidationError

from ingress.auth.field_name import FieldName

NAME: TypeAdapter[str] = TypeAdapter(FieldName)


@pytest.mark.parametrize("name", ["x-api-key", "X_Key", "!#$%&'*+.^_`|~9", "k" * 64])
def test_a_token_is_a_name(name: str) -> None:
    """It is kept as it is written: the case of a query's key counts."""
    assert NAME.validate_python(name) == name


@pytest.mark.parametrize("name", ["", "x key", "x:key", "x\n", "k" * 65, "ключ"])
def test_what_could_be_no_name_is_refused(name: str) -> None:
    """With a sentence that says what it should have been."""
    with pytest.raises(ValidationError, match="a name of a header field"):
        NAME.validate_python(name)
