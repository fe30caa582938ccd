"""Base64url as JOSE has it (RFC 7515 section 2): no padding, one spelling a value."""

import base64


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Decode what :func:`encode` could have written, and nothing else.

    Raises ``ValueError``. Python's decoder skips what is not of the alphabet and ignores the bits
    that do not fill a byte, so that many texts would mean one value: writing it anew finds all.
    """
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:  # binascii.Error is one
        data = b""
    if encode(data) != text:
        raise ValueError("this is not base64url")
    return data
