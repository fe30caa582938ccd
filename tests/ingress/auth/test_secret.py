import pytest
from pydantic import TypeAdapter, ValidationError

from ingress.auth.secret import Secret

SECRET: TypeAdapter[str] = TypeAdapter(Secret)


@pytest.mark.parametrize("text", ["", "x", "x" * 31, "é" * 15])
def test_a_short_secret_is_refused(text: str) -> None:
    """It is measured in bytes."""
    with pytest.raises(ValidationError, match="must have at least 32 bytes"):
        SECRET.validate_python(text)


def test_a_long_one_is_taken_as_it_is() -> None:
    """Up to a kilobyte."""
    assert SECRET.validate_python("é" * 16) == "é" * 16
    with pytest.raises(ValidationError):
        SECRET.validate_python("x" * 1025)
