"""Plans of a route file, for the tests of routing."""

from ingress import routefile
from ingress.compile import compile_plans
from ingress.plan import Plan
from ingress.router import Router
from ingress.routing.asked import Sketch


def plans(text: str) -> tuple[Plan, ...]:
    """Compile the route file that the text is."""
    return compile_plans(routefile.parse(text.encode(), environment={}))


def of(*routes: str, head: str = "", operation: bool = True) -> tuple[Plan, ...]:
    """Compile routes, each written as the inside of a mapping; the operation is added."""
    own = "operation: s.o{}, " if operation else ""
    lines = "\n".join(f"  - {{{own.format(number)}{one}}}" for number, one in enumerate(routes))
    return plans(f"{head}\nroutes:\n{lines}\n")


def taken(router: Router, request: str, *fields: tuple[str, str]) -> str:
    """Name the route that takes ``GET /path?query`` with these header fields."""
    method, _, target = request.partition(" ")
    path, _, query = target.partition("?")
    return router.match(method, path, Sketch(fields, query))[0].name
