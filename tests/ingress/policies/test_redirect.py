"""Sending the client on."""

import pytest
from msgspec.structs import replace

from contracts.call import Reply
from ingress.policies.redirect import Redirect, build
from tests.ingress.policies.asked import Asked


def place(
    to: str, params: dict[str, str], *, query: str = "", tail: str = "", keep: bool = True
) -> str:
    flow = Asked()
    flow.call = replace(flow.call, query=query, params=params)
    answer = Redirect(to, 308, keep_query=keep, tail=tail).admit(flow)
    assert isinstance(answer, Reply)
    return answer.header("location")


@pytest.mark.parametrize(
    "to, params, location",
    [
        ("/new", {}, "/new"),
        ("https://a.test/{id}?x=1", {"id": "7"}, "https://a.test/7?x=1"),
        ("/n/{id}", {"id": "a/b?c#d"}, "/n/a%2Fb%3Fc%23d"),
        ("/n/{id}", {"id": "é\r\nx: y"}, "/n/%C3%A9%0D%0Ax:%20y"),
        ("/{id}/{b}", {"id": "1", "b": "2"}, "/1/2"),
    ],
)
def test_parameters_are_encoded(to: str, params: dict[str, str], location: str) -> None:
    """They are a stranger's data, and end nothing."""
    assert place(to, params) == location


def test_a_tail_keeps_its_slashes_and_names_no_host() -> None:
    """What would begin with two slashes is a path all the same."""
    assert place("/n/{rest}", {"rest": "a/b c/"}, tail="rest") == "/n/a/b%20c/"
    assert place("/{rest}", {"rest": "/evil.test/x"}, tail="rest") == "/%2Fevil.test/x"


def test_the_query_is_kept_or_dropped() -> None:
    """Behind one that is there already."""
    assert place("/a", {}, query="x=1") == "/a?x=1"
    assert place("/a?y=2", {}, query="x=1") == "/a?y=2&x=1"
    assert place("/a", {}, query="x=1", keep=False) == "/a"


def test_a_route_gets_it_if_it_asks_for_it() -> None:
    """Not otherwise."""
    assert build({}) is None
