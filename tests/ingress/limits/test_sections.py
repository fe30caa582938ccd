from typing import Any

import pytest
from pydantic import ValidationError

from ingress.limits.sections import LimitSection


def test_a_limit_counts_by_address_unless_told_otherwise() -> None:
    """The defaults are those that are safe."""
    section = LimitSection.model_validate({"rates": ["10/s"]})
    assert (section.by, section.when_down, section.each_route) == ("ip", "closed", False)


@pytest.mark.parametrize(
    "said, complaint",
    [
        ({}, "limits nothing"),
        ({"rates": []}, "limits nothing"),
        ({"rates": ["1/s"], "by": "nobody"}, "by is all, ip"),
        ({"rates": ["1/s"], "by": "ip", "expression": "ip"}, "either by or expression"),
        ({"rates": ["1/s"], "expression": "a..b"}, "no JMESPath"),
        ({"rates": ["1/s"], "when_down": "maybe"}, "'closed' or 'open'"),
        ({"rates": ["1/s"], "by": "key", "before_auth": True}, "before_auth nobody is known"),
        (
            {"rates": ["1/s"], "expression": "headers.a || identity.id", "before_auth": True},
            "before_auth nobody is known",
        ),
        ({"concurrent": 0}, "greater than or equal to 1"),
        ({"rates": ["1/s"], "max_keys": 1}, "greater than or equal to 16"),
        ({"rates": ["1/s"], "rate": "1/s"}, "Extra inputs"),
    ],
)
def test_what_makes_no_limit_is_told(said: dict[str, Any], complaint: str) -> None:
    """A limit that limits nothing, or says two things, is refused."""
    with pytest.raises(ValidationError, match=complaint):
        LimitSection.model_validate(said)


@pytest.mark.parametrize("who", [{}, {"by": "header:x-tenant"}, {"expression": "params.tenant"}])
def test_who_is_known_by_the_request_alone_can_be_counted_before_auth(who: dict[str, Any]) -> None:
    """By address, by a header, and by an expression that asks nothing of the identity."""
    said = {"rates": ["1/s"], "before_auth": True, **who}
    assert LimitSection.model_validate(said).before_auth
