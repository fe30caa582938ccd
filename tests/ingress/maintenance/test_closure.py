"""What is closed."""

from ingress.maintenance.closure import Closure, close
from tests.ingress.routing.plans import plans

TEXT = """
groups: {shop: {prefix: /shop, cors: {origins: ["https://a.test"]}}}
routes:
  - {route: GET /a, operation: s.o, timeout: 1s}
  - {route: GET /b, operation: s.o, group: shop}
"""


def closed(*scopes: str) -> list[list[str]]:
    shut = [Closure(scope=scope, detail=scope) for scope in scopes]
    return [
        [str(one.settings().get("detail", one.name)) for one in plan.policies]
        for plan in close(plans(TEXT), shut)
    ]


def test_a_closure_covers_all_a_group_or_a_route() -> None:
    """The most special one is what clients hear; a browser may read it."""
    assert closed() == [[], ["cors"]]
    assert closed("all") == [["all"], ["cors", "all"]]
    assert closed("group shop") == [[], ["cors", "group shop"]]
    assert closed("GET /shop/b", "group shop", "all") == [["all"], ["cors", "GET /shop/b"]]
    assert closed("GET /nowhere") == [[], ["cors"]]
