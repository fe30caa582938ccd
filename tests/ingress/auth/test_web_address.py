import pytest
from pydantic import TypeAdapter, ValidationError

from ingress.auth.web_address import WebAddress, check_secure, shown

ADDRESS: TypeAdapter[str] = TypeAdapter(WebAddress)


@pytest.mark.parametrize(
    "text", ["https://id.example/keys", "http://127.0.0.1:8080/", "https://[::1]:9/x?y=z"]
)
def test_an_address_is_taken_as_it_is(text: str) -> None:
    """Host, port, path and query stay as they were written."""
    assert ADDRESS.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id.example",
        "//id.example/",
        "ftp://id.example/",
        "file:///etc/passwd",
        "https://",
        "https:///keys",
        "https://ann:secret@id.example/",
        "https://ann@id.example/",
        "https://id.example/#part",
        "https://id.example:99999/",
        "https://id.example:x/",
        "https://[::1/",
        "https://id.example/a b",
        "https://id.example/\r\n",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """Other schemes, passwords, fragments and line breaks have no place in one."""
    with pytest.raises(ValidationError):
        ADDRESS.validate_python(text)


def test_plain_http_is_for_this_machine() -> None:
    """Keys that come over plain http from elsewhere could be anybody's."""
    for fine in ("https://id.example/", "http://localhost/", "http://127.9.9.9/", "http://[::1]/"):
        check_secure(fine)
    for wrong in ("http://id.example/", "http://10.0.0.1/", "http://localhost.example/"):
        with pytest.raises(ValueError, match="this machine alone"):
            check_secure(wrong)


def test_a_query_is_not_shown() -> None:
    """It may hold a secret."""
    assert shown("https://id.example/keys?token=s3cret") == "https://id.example/keys"
