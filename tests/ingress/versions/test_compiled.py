"""From a route's version to the policy that tells of it."""

from ingress.versions.policy import Version
from tests.ingress.routing.plans import of, plans


def test_a_group_gives_its_version() -> None:
    """Unless the route says another; who has none gets no policy."""
    found = plans(
        "versions: {known: {'1': {}, '2': {}}}\n"
        "groups: {old: {prefix: /v1, version: '1'}}\n"
        "routes:\n"
        "  - {route: GET /a, operation: s.o, group: old}\n"
        "  - {route: GET /b, operation: s.o, group: old, version: '2'}\n"
        "  - {route: GET /c, operation: s.o}\n"
    )
    assert [plan.version for plan in found] == ["1", "2", ""]
    assert [[type(one) for one in plan.policies] for plan in found] == [[Version], [Version], []]


def test_its_variants_are_of_the_same_version() -> None:
    """So that their use counts too."""
    (route,) = of(
        "route: GET /a, version: '1', variants: {n: {queue: q}}",
        head="versions: {known: {'1': {}}}",
    )
    assert [one.version for one in route.variants] == ["1"]
