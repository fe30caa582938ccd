import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.auth.jose import base64url


@given(st.binary(max_size=64))
def test_what_is_encoded_comes_back(data: bytes) -> None:
    """Every value has one spelling, and it decodes to the value."""
    assert base64url.decode(base64url.encode(data)) == data


@pytest.mark.parametrize(
    "text",
    ["YQ==", "YQ=", "YR", "Y", " YQ", "YQ\n", "Y Q", "Y+Q", "Y/Q", "YQ.", "é", "YWE\0", "YWF="],
)
def test_another_spelling_is_refused(text: str) -> None:
    """Padding, white space, the other alphabet, left-over bits: each is refused."""
    with pytest.raises(ValueError, match="this is not base64url"):
        base64url.decode(text)


@given(st.text(alphabet="ABab01-_+/= \n.", max_size=12))
def test_no_two_texts_mean_the_same(text: str) -> None:
    """What decodes at all is exactly what would have been written."""
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text
