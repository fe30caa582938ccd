"""A trie of dicts."""

from ingress.pattern import parse
from ingress.routing.asked import NOTHING
from ingress.routing.leaf import Leaf
from ingress.routing.path import split
from ingress.routing.table import Table
from tests.ingress.routing.plans import of

ROUTES = (
    "GET /o/{id}",
    "GET /o/{id:slug}",
    "GET /o/{id:int}",
    "GET /o/{id:date}",
    "GET /o/new",
    "GET /o/{id:int}/x",
    "GET /o/{name}/y",
)


def table() -> Table:
    made = Table()
    for plan in of(*(f"route: '{one}'" for one in ROUTES)):
        made.put(plan, parse(f"{plan.method} {plan.pattern}"))
    return made


def test_a_literal_beats_a_kind_and_a_kind_beats_a_parameter() -> None:
    """The order of the file means nothing; what leads nowhere is left for the next."""
    made = table()
    found = {}
    for path in ("/o/new", "/o/7", "/o/2026-01-31", "/o/tea", "/o/Tea", "/o/7/x", "/o/7/y"):
        match = made.find("GET", split(path), NOTHING, [])
        assert match is not None
        found[path] = match[0].pattern
        assert list(match[1].values()) == ([] if path == "/o/new" else [path.split("/")[2]])
    assert found == {
        "/o/new": "/o/new",
        "/o/7": "/o/{id:int}",
        "/o/2026-01-31": "/o/{id:date}",
        "/o/tea": "/o/{id:slug}",
        "/o/Tea": "/o/{id}",
        "/o/7/x": "/o/{id:int}/x",
        "/o/7/y": "/o/{name}/y",
    }


def test_what_looks_like_no_kind_is_not_there() -> None:
    """Neither found nor met on the way."""
    made = Table()
    (plan,) = of("route: 'GET /o/{id:int}'")
    made.put(plan, parse("GET /o/{id:int}"))
    met: list[Leaf] = []
    assert made.find("GET", ["o", "x"], NOTHING, met) is None
    assert met == []
    assert (made.reaches("/o/1"), made.reaches("/o/x")) == (True, False)


def test_only_what_takes_one_path_whatever_is_asked_is_looked_up_at_once() -> None:
    """No parameter, no condition, and nothing of another table at its path."""
    made = Table()
    for plan in of("route: GET /a", "route: GET /b", "route: GET /c, match: {query: {d: e}}"):
        made.put(plan, parse(f"{plan.method} {plan.pattern}"))
    (other,) = of("route: 'POST /{x}'")
    assert list(made.without_conditions(unless=Table())) == ["/a", "/b"]
    assert list(made.without_conditions(unless=Table((other, parse("POST /{x}"))))) == []
