"""Which route takes a request, and why the others do not."""

from ingress.routing.verdicts import judge
from tests.ingress.routing.plans import of

PLANS = of(
    "route: 'GET /o/{id:int}', match: {hosts: [h.test]}",
    "route: 'GET /o/{id}'",
    "route: 'GET /o/{id}', match: {headers: {x: '1'}}",
    "route: POST /o/new",
    "route: 'GET /o/{id}/notes', trailing_slash: redirect",
    "route: 'GET /f/{rest...}'",
)


def why(request: str, *fields: tuple[str, str]) -> dict[str, str]:
    method, target = request.split(" ")
    ruling = judge(PLANS, method, target, fields)
    return {one.operation: one.why for one in ruling.verdicts}


def test_each_route_says_why_not() -> None:
    """The winner takes it, and the others name what keeps them from it."""
    assert why("GET /o/seven?a=b", ("x", "1")) == {
        "s.o0": "'seven' is no int; is for h.test, not for no host",
        "s.o5": "its segment 1 is 'f', not 'o'",
        "s.o3": "its segment 2 is 'new', not 'seven'; takes POST",
        "s.o2": "takes it",
        "s.o1": "would take it, but GET /o/{id} [x: 1] is more precise",
        "s.o4": "its path is longer",
    }
    assert why("GET /o/7")["s.o2"] == "asks for x: 1"
    assert why("GET /o/7/8/9")["s.o1"] == "its path is shorter"
    assert why("GET /o//notes")["s.o4"] == "its segment 2 is a parameter, which is never empty"
    assert why("GET /f")["s.o5"] == "its path is longer"


def test_the_winner_is_named_by_its_place_in_the_file() -> None:
    """Or there is none, with what the client hears; a redirect leads to it."""
    assert judge(PLANS, "GET", "/o/7", (("host", "h.test"),)).place == 0
    redirected = judge(PLANS, "GET", "/o/7/notes/")
    assert redirected.place == 4
    assert [one.why for one in redirected.verdicts if one.takes] == ["redirects to it: 308"]
    nowhere = judge(PLANS, "DELETE", "/o/7")
    assert (nowhere.place, nowhere.refused.partition(":")[0]) == (-1, "method_not_allowed")
    assert judge(PLANS, "GET", "/%zz").verdicts == ()
