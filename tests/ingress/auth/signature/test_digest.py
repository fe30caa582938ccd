import base64
import hashlib

import msgspec
import pytest

from ingress.auth.refusal import Refused
from ingress.auth.signature import digest
from tests.ingress.auth.signature.vectors import REQUEST


def of(body: bytes, name: str = "sha-256") -> str:
    algorithm = name.replace("-", "")
    return f"{name}=:{base64.b64encode(hashlib.new(algorithm, body).digest()).decode()}:"


def check(body: bytes, *values: str) -> None:
    fields = tuple(("content-digest", value) for value in values)
    digest.check(msgspec.structs.replace(REQUEST, headers=fields, body=body))


def test_a_body_fits_its_digest() -> None:
    """Either hash will do, several must all fit, and others are left aside."""
    digest.check(REQUEST)
    check(b"hi", of(b"hi"))
    check(b"", of(b""))
    check(b"hi", of(b"hi"), of(b"hi", "sha-512"))
    check(b"hi", f"{of(b'hi', 'sha-512')}, md5=:AAAA:")


@pytest.mark.parametrize(
    "values",
    [
        (of(b"ho"),),
        (of(b"hi"), of(b"ho", "sha-512")),
        ("md5=:AAAA:",),
        ("sha=:AAAA:",),
        ("sha-256=:AAAA:",),
        ("sha-256=AAAA",),
        (of(b"hi"), of(b"hi")),
        ("garbage",),
        ("",),
        (),
    ],
)
def test_another_body_is_refused(values: tuple[str, ...]) -> None:
    """A digest that does not fit, is weak, stands twice, or is none, is refused."""
    with pytest.raises(Refused, match="body"):
        check(b"hi", *values)
