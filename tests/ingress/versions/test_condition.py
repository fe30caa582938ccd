"""Which version a request has to ask for."""

from contracts.fault import Fault
from ingress.pattern import parse
from ingress.router import Router
from ingress.versions.condition import segment_of
from tests.ingress.routing.plans import of, taken

HEAD = "versions: {ask: [header:x-v], default: '2', known: {'1': {}, '2': {}, '3': {}}}"
ROUTER = Router(
    of(
        "route: GET /a, version: '1'",
        "route: GET /a, version: '2'",
        "route: GET /v1/a, version: '1'",
        "route: GET /b",
        head=HEAD,
    )
)


def test_a_version_is_a_condition_unless_the_path_says_it() -> None:
    """A path that does takes whoever comes."""
    assert taken(ROUTER, "GET /a", ("x-v", "1")) == "GET /a [version 1]"
    assert taken(ROUTER, "GET /a") == "GET /a [version 2]"
    assert taken(ROUTER, "GET /v1/a", ("x-v", "2")) == "GET /v1/a"
    assert taken(ROUTER, "GET /b", ("x-v", "9")) == "GET /b"


def test_a_version_that_is_not_there_is_refused_as_such() -> None:
    """400 for one that nobody knows, 404 for one without a route here."""
    refused = {}
    for version in ("3", "9"):
        try:
            taken(ROUTER, "GET /a", ("x-v", version))
        except Fault as fault:
            refused[version] = fault.code
    assert refused == {"3": "not_found", "9": "invalid_request"}


def test_a_segment_says_a_version_with_or_without_a_v() -> None:
    """Only a whole one, and never a parameter."""
    assert segment_of(parse("GET /api/v1/a"), "1") == "v1"
    assert segment_of(parse("GET /2026-01/a"), "2026-01") == "2026-01"
    assert segment_of(parse("GET /v10/{v1}"), "1") == ""
