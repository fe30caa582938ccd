"""A trailing slash more or less."""

from contracts.call import Call, Reply
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.router import Router
from ingress.routing.slash import Slash
from tests.ingress.routing.plans import of, taken

REDIRECT = "defaults: {trailing_slash: redirect}"


def sent_on(path: str, query: str = "") -> str:
    answer = Slash().admit(Flow(Call(id="1", operation="", path=path, query=query), None, 0.0))
    assert isinstance(answer, Reply)
    assert answer.status == 308
    return answer.header("location")


def test_a_client_is_sent_on_with_its_query_and_its_encoding() -> None:
    """308 keeps method and body; the path stays as it was sent."""
    assert sent_on("/a%2Fb/", "x=1") == "/a%2Fb?x=1"
    assert sent_on("/a") == "/a/"


def test_the_other_path_is_a_route_where_nobody_declared_one() -> None:
    """With parameters too, for its own method alone, and never for a tail or the root."""
    router = Router(
        of(
            "route: GET /a",
            "route: 'GET /b/{id:int}/'",
            "route: GET /c",
            "route: GET /c/, trailing_slash: strict",
            "route: 'GET /f/{rest...}'",
            "route: GET /",
            "route: GET /d, trailing_slash: strict",
            head=REDIRECT,
        )
    )
    assert router.match("GET", "/a/")[0].policies[0].name == "slash"
    assert router.match("GET", "/b/7")[0].policies[0].name == "slash"
    assert router.match("GET", "/c/")[0].policies == ()
    assert taken(router, "GET /f/") == "GET /f/{rest...}"
    for request in ("POST /a/", "GET /d/", "GET /f", "GET /b/x"):
        assert refused(router, request)


def refused(router: Router, request: str) -> bool:
    try:
        taken(router, request)
    except Fault:
        return True
    return False
