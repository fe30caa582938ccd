"""Sending some of a route's calls elsewhere."""

import pytest
from msgspec.structs import replace

from contracts.call import Caller
from ingress.variants.policy import Variants, rule_of
from tests.ingress.policies.asked import Asked
from tests.ingress.routing.plans import of

(ROUTE,) = of(
    "route: GET /a, variants: {next: {queue: q, weight: 50%, callers: [anna]},"
    " beta: {queue: b, headers: {x-beta: '*'}, cookies: {beta: '1'}}}"
)


def policy() -> Variants:
    (found,) = (one for one in ROUTE.policies if isinstance(one, Variants))
    return found


def goes(caller: str = "", address: str = "", **headers: str) -> str:
    asked = Asked(b"", **headers)
    asked.call = replace(asked.call, caller=Caller(id=caller, address=address))
    assert policy().admit(asked) is None
    return asked.diverted


@pytest.mark.parametrize(
    "caller, headers, plan",
    [
        ("anna", {}, "GET /a ~next"),
        ("anna", {"x_beta": "yes"}, "GET /a ~next"),
        ("otto", {"x_beta": "yes"}, "GET /a ~beta"),
        ("otto", {"cookie": "x=y; beta=1"}, "GET /a ~beta"),
    ],
)
def test_who_is_named_comes_first(caller: str, headers: dict[str, str], plan: str) -> None:
    """By caller, header or cookie, in the order of the file."""
    assert goes(caller, **headers) == plan


def test_all_others_are_divided_by_weight_and_stay_where_they_are() -> None:
    """The same caller from another address, and an address without a caller."""
    halves = {goes(f"c{number}", str(number)) for number in range(20)}
    assert halves == {"", "GET /a ~next"}
    assert all(goes(f"c{number}") == goes(f"c{number}", "other") for number in range(20))
    assert {goes(address=f"192.0.2.{number}") for number in range(20)} == halves
    assert goes("otto", cookie="beta=0") == goes("otto")


def test_nobody_is_named_by_an_empty_rule() -> None:
    """And an unknown caller is not the one without a name."""
    assert rule_of((), {}, {}) is None
    rule = rule_of(("",), {}, {})
    assert rule is not None
    assert not rule(Asked().call)
