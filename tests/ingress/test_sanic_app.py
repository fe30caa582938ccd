"""The long way: Sanic's errors in our words."""

import pytest
from sanic.exceptions import BadRequest, NotFound, PayloadTooLarge, RequestTimeout, SanicException

from ingress.sanic_app import fault_of


@pytest.mark.parametrize(
    "error,code",
    [
        (BadRequest("x"), "invalid_request"),
        (PayloadTooLarge("x"), "headers_too_large"),
        (RequestTimeout("x"), "request_timeout"),
        (NotFound("x"), "internal"),
    ],
)
def test_an_error_of_sanics_is_a_fault(error: SanicException, code: str) -> None:
    """The most special class counts; what cannot happen is internal."""
    assert fault_of(error).code == code
