"""Patterns of routes."""

import re

import pytest

from ingress import pattern


def test_a_pattern_is_read_into_segments_and_names() -> None:
    """Literals stay, parameters become blanks, and the tail's name is the last."""
    read = pattern.parse("GET /v1/orders/{id}/{rest...}")
    assert read.segments == ("v1", "orders", None)
    assert (read.method, read.names, read.tail, read.static) == ("GET", ("id", "rest"), True, False)
    assert str(read) == "GET /v1/orders/{id}/{rest...}"


@pytest.mark.parametrize(
    "one, other, same",
    [
        ("GET /a/{x}", "GET /a/{y}", True),
        ("GET /a/{x}", "GET /a/b", False),
        ("GET /a", "GET /a/", False),
        ("GET /a/{x}", "GET /a/{x...}", False),
        ("GET /a/{x...}", "GET /a/{y...}", True),
    ],
)
def test_names_of_parameters_do_not_tell_patterns_apart(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    """Two patterns have one shape when they take exactly the same paths."""
    assert (pattern.parse(one).shape == pattern.parse(other).shape) is same


def test_a_star_is_any_method() -> None:
    """Both * and ANY stand for every method."""
    assert pattern.parse("* /a") == pattern.parse("ANY /a")


GOOD = ["GET /", "* /a", "DELETE /v1/é/{x}/", "OPTIONS /a:b/@c", "PATCH /{rest...}"]
BAD = [
    ("", "method and a path"),
    ("/a", "method and a path"),
    ("GET a", "method and a path"),
    ("PSOT /a", "no method here"),
    ("get /a", "no method here"),
    ("CONNECT /a", "no method here"),
    ("GET //a", "empty segment"),
    ("GET /a?x=1", "cannot stand in a path"),
    ("GET /a b", "cannot stand in a path"),
    ("GET /%41", "cannot stand in a path"),
    ("GET /x{id}", "takes a whole segment"),
    ("GET /{1}", "takes a whole segment"),
    ("GET /{}", "takes a whole segment"),
    ("GET /{a...}/b", "must be the last"),
]
# What only the parser can know.
BEYOND_EDITORS = [
    ("GET /{a}/{a}", "stands here twice"),
    ("GET /a/../b", "can never be asked for"),
    ("GET /" + "a/" * 40, "at most 32 segments"),
]


@pytest.mark.parametrize("text", GOOD)
def test_good_patterns_are_taken(text: str) -> None:
    """Any literal but the reserved characters is fine, and so is the root."""
    assert pattern.parse(text).path == text.partition(" ")[2]


@pytest.mark.parametrize("text, why", [*BAD, *BEYOND_EDITORS])
def test_bad_patterns_are_refused_with_a_reason(text: str, why: str) -> None:
    """What no request could match, or could mean two things, is refused."""
    with pytest.raises(ValueError, match=why):
        pattern.parse(text)


def test_editors_know_the_same_grammar() -> None:
    """The regular expression for editors takes the good patterns and refuses the bad ones."""
    assert [text for text in GOOD if not re.search(pattern.PATTERN, text)] == []
    assert [text for text, _ in BAD if re.search(pattern.PATTERN, text)] == []


def test_a_parameter_may_be_of_a_kind() -> None:
    """Which is part of the shape; a kind that is not known is named with those that are."""
    typed, bare = pattern.parse("GET /a/{b:int}/{c}"), pattern.parse("GET /a/{b}/{c}")
    assert (typed.kinds, typed.names, typed.segments) == (("int", ""), ("b", "c"), bare.segments)
    assert typed.shape == ("a", "{int}", None, "")
    assert bare.shape == ("a", None, None, "")
    with pytest.raises(ValueError, match="'number' is no kind of parameter; known are uuid, date"):
        pattern.parse("GET /{a:number}")
