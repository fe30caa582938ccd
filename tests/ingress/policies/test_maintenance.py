"""Refusing all calls of a route for a while."""

import pytest

from contracts.fault import Fault
from ingress.policies.maintenance import Closed
from tests.ingress.policies.asked import Asked
from tests.ingress.routing.plans import of


def test_clients_are_told_when_to_come_again() -> None:
    """503 with Retry-After in whole seconds."""
    with pytest.raises(Fault) as caught:
        Closed(1.5, "back at six").admit(Asked())
    fault = caught.value
    assert (fault.code, fault.status, fault.retry_after) == ("maintenance", 503, 2)
    assert fault.detail == "back at six"


def test_a_file_may_close_all_and_open_one() -> None:
    """`off` for a route overrules the defaults."""
    head = "defaults: {maintenance: {retry_after: 5m}}"
    closed, open_ = of("route: GET /a", "route: GET /b, maintenance: off", head=head)
    assert [one.settings() for one in closed.policies] == [
        {"retry_after": "300s", "detail": "closed for maintenance"}
    ]
    assert open_.policies == ()
