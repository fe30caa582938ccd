import pytest

from contracts.fault import Fault
from ingress.auth.forward.verdict import is_yes
from ingress.auth.http_client import Unreachable


def test_a_status_is_a_yes_a_no_or_neither() -> None:
    """2xx, 401 and 403 mean something; whatever else is no decision."""
    assert [is_yes(status) for status in (200, 202, 204, 299, 401)] == [True] * 4 + [False]
    with pytest.raises(Fault, match="forbidden"):
        is_yes(403)
    for status in (199, 301, 302, 307, 400, 404, 429, 500, 503):
        with pytest.raises(Unreachable, match=str(status)):
            is_yes(status)
