"""A path as its segments."""

import pytest

from contracts.fault import Fault
from ingress.routing.path import join, split


def test_a_path_is_split_before_it_is_decoded() -> None:
    """So an encoded slash is data, and an encoded letter a letter (RFC 3986 section 6.2.2.2)."""
    assert split("/a%2Fb/%61/%C3%A9") == ["a/b", "a", "é"]
    assert split("/") == [""]
    assert split("/a//b/") == ["a", "", "b", ""]


@pytest.mark.parametrize("path", ["/a/../b", "/%2e%2E/b", "/.", "/%zz", "/%ff"])
def test_what_has_two_readings_is_refused(path: str) -> None:
    """Dot segments, escapes that encode nothing, and bytes that are no text."""
    with pytest.raises(Fault, match="invalid_request"):
        split(path)


def test_a_tail_is_joined_without_making_dot_segments() -> None:
    """What an encoded slash would have smuggled in is refused."""
    assert join(["a", "b", "c"]) == "a/b/c"
    with pytest.raises(Fault, match="dot segments"):
        join(["a/..", "b"])


def test_an_encoded_slash_in_a_tail_stays_encoded() -> None:
    """What was handed on would else read as the path of another route, with other rules."""
    assert join(["a", "b/c"]) == "a/b%2Fc"
    assert join(["admin/users"]) == "admin%2Fusers"
