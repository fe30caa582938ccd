"""Which Plan a request gets."""

import re
import timeit
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.fault import Fault
from ingress.compile import DIALECTS
from ingress.pattern import parse
from ingress.plan import Plan, Target
from ingress.router import Router, automatic

TARGET = Target(operation="s.o", dialect=DIALECTS["raw"], routing_key="s")


def router(*routes: str) -> Router:
    patterns = [parse(one) for one in routes]
    return Router(
        Plan(name=str(one), method=one.method, pattern=one.path, target=TARGET) for one in patterns
    )


def match(found: Router, request: str) -> tuple[str, dict[str, str]]:
    method, _, path = request.partition(" ")
    plan, params = found.match(method, path)
    return plan.name, dict(params)


def refusal(found: Router, request: str) -> Fault:
    with pytest.raises(Fault) as caught:
        match(found, request)
    return caught.value


ALL = router(
    "GET /",
    "GET /a",
    "POST /a",
    "GET /a/",
    "GET /a/{x}",
    "PUT /a/{other}",
    "GET /a/b",
    "GET /a/{x}/c",
    "GET /f/{rest...}",
    "ANY /f/any",
    "HEAD /h",
    "GET /h",
    "OPTIONS /o",
    "GET /café/{x}",
)


@pytest.mark.parametrize(
    "request_, name, params",
    [
        ("GET /", "GET /", {}),
        ("GET /a", "GET /a", {}),
        ("POST /a", "POST /a", {}),
        ("GET /a/", "GET /a/", {}),
        ("GET /a/1", "GET /a/{x}", {"x": "1"}),
        ("GET /a/b", "GET /a/b", {}),
        ("PUT /a/b", "PUT /a/{other}", {"other": "b"}),
        ("GET /a/b/c", "GET /a/{x}/c", {"x": "b"}),
        ("GET /f/", "GET /f/{rest...}", {"rest": ""}),
        ("GET /f/x/y/", "GET /f/{rest...}", {"rest": "x/y/"}),
        ("GET /f/any", "ANY /f/any", {}),
        ("PURGE /f/any", "ANY /f/any", {}),
        ("HEAD /a", "GET /a", {}),
        ("HEAD /h", "HEAD /h", {}),
        ("OPTIONS /o", "OPTIONS /o", {}),
    ],
)
def test_the_most_precise_route_that_takes_the_method_wins(
    request_: str, name: str, params: dict[str, str]
) -> None:
    """Literal before parameter before tail; the method before GET for HEAD before ANY."""
    assert match(ALL, request_) == (name, params)


@pytest.mark.parametrize("request_", ["GET /b", "GET /f", "GET /a/b/", "GET a", "GET *", "GET //a"])
def test_a_path_that_no_route_takes_is_not_found(request_: str) -> None:
    """A trailing slash counts, a parameter is never empty, and nothing is guessed."""
    assert refusal(ALL, request_).code == "not_found"


def test_a_parameter_is_never_empty() -> None:
    """A path that ends where the parameter would begin is another path."""
    assert refusal(router("GET /a/{x}"), "GET /a/").code == "not_found"
    assert refusal(router("GET /a/{x}/b"), "GET /a//b").code == "not_found"


def test_a_method_that_no_route_takes_is_told_those_that_are() -> None:
    """405 carries Allow (RFC 9110 section 15.5.6), with what answers by itself."""
    fault = refusal(ALL, "DELETE /a/b")
    assert fault.code == "method_not_allowed"
    assert fault.headers == (("allow", "GET, HEAD, OPTIONS, PUT"),)


def test_options_is_answered_where_no_route_declares_it() -> None:
    """With 204 and Allow; for anything else there is no automatic answer."""
    fault = refusal(ALL, "OPTIONS /a")
    reply = automatic("OPTIONS", fault)
    assert reply is not None
    assert (reply.status, reply.header("allow")) == (204, "GET, POST, HEAD, OPTIONS")
    assert automatic("DELETE", fault) is None
    assert automatic("OPTIONS", refusal(ALL, "OPTIONS /nope")) is None


@pytest.mark.parametrize(
    "request_, value",
    [
        ("GET /a/%C3%A9", "é"),
        ("GET /a/x%2Fy", "x/y"),
        ("GET /a/%2e%2e%2f", "../"),
        ("GET /a/a+b", "a+b"),
        ("GET /a/%25", "%"),
        ("GET /%61/1", "1"),
        ("GET /caf%C3%A9/1", "1"),
    ],
)
def test_parameters_are_percent_decoded_after_the_path_was_split(request_: str, value: str) -> None:
    """As UTF-8; an encoded slash stays inside its parameter, and literals match decoded."""
    assert match(ALL, request_)[1] == {"x": value}


@pytest.mark.parametrize(
    "path",
    ["/a/%", "/a/%zz", "/a/%4", "/a/%ff", "/a/%ED%A0%80", "/a/\ud800%20"],
)
def test_a_path_that_is_not_well_formed_is_refused(path: str) -> None:
    """A percent sign that encodes nothing, and what is no UTF-8, is 400."""
    assert refusal(ALL, f"GET {path}").code == "invalid_request"


@pytest.mark.parametrize(
    "path",
    ["/a/.", "/a/../b", "/a/%2E%2e", "/./a", "/f/x/../y", "/f/x%2F..%2Fy", "/f/%2e%2E%2fetc"],
)
def test_dot_segments_are_refused(path: str) -> None:
    """However they are encoded; in a tail an encoded slash cannot smuggle one in."""
    assert refusal(ALL, f"GET {path}").code == "invalid_request"


def test_two_plans_for_the_same_requests_are_an_error() -> None:
    """The route file is checked before; a router made by hand is checked here."""
    with pytest.raises(ValueError, match=re.escape("GET /{b} and GET /{a} take the same")):
        router("GET /{a}", "GET /{b}")


def test_it_shows_how_many_routes_it_has() -> None:
    """Its repr counts them."""
    assert repr(ALL) == "<Router 14 routes, 7 paths without parameters>"


@settings(deadline=None)
@given(st.sampled_from(["GET", "HEAD", "OPTIONS", "X", ""]), st.text(max_size=30))
def test_any_path_gives_a_match_or_a_fault(method: str, path: str) -> None:
    """Nothing else comes of garbage, with a slash before it or without."""
    for one in (path, f"/{path}", f"/a/{path}", f"/f/{path}"):
        try:
            plan, params = ALL.match(method, one)
        except Fault as fault:
            assert fault.status in {400, 404, 405}  # noqa: PT017 - either way is right
        else:
            assert set(params) == set(parse(plan.name).names)


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4))
def test_what_a_client_encodes_comes_out_again(segments: list[str]) -> None:
    """Any text survives as a parameter, percent-encoded byte by byte."""
    encoded = ["".join(f"%{byte:02X}" for byte in one.encode()) for one in segments]
    names = [f"p{index}" for index in range(len(segments))]
    found = router("GET /" + "/".join(f"{{{name}}}" for name in names))
    if {".", ".."} & set(segments):
        assert refusal(found, f"GET /{'/'.join(encoded)}").code == "invalid_request"
    else:
        assert match(found, f"GET /{'/'.join(encoded)}")[1] == dict(
            zip(names, segments, strict=True)
        )


def test_a_path_of_many_segments_is_walked_no_deeper_than_the_routes() -> None:
    """Ten thousand slashes are no ten thousand calls."""
    assert refusal(ALL, "GET " + "/a" * 10_000).code == "not_found"
    assert match(ALL, "GET /f" + "/a" * 10_000)[0] == "GET /f/{rest...}"


@pytest.mark.parametrize("path", ["/v1/r{}", "/v1/r{}/42"])
def test_a_lookup_does_not_slow_down_with_the_number_of_routes(path: str) -> None:
    """A thousand routes cost what one does, give or take the noise of a busy machine."""

    def cost(count: int) -> float:
        routes = [f"GET /v1/r{n}" for n in range(count)]
        found = router(*routes, *(f"{one}/{{id}}" for one in routes))
        asked = path.format(count - 1)
        once: Callable[[], object] = lambda: found.match("GET", asked)  # noqa: E731
        return min(timeit.repeat(once, number=2000, repeat=7))

    # Linear would be a factor of a thousand.
    assert cost(1000) < 5 * cost(1)
