"""Cache-Control, and the fields that speak to some caches alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.cache.control import LONGEST, effective, joined, parse, parse_targeted, seconds

TARGETS = ("queuegate-cache-control", "cdn-cache-control")


def test_directives_are_read() -> None:
    """Names in lower case, arguments as tokens or quoted; the first of two counts."""
    found = parse('MaX-AgE=5, no-cache="a, b" , , max-age=9, ext="x\\"y"')
    assert dict(found) == {"max-age": "5", "no-cache": "a, b", "ext": 'x"y'}


def test_what_is_said_of_the_whole_is_stronger() -> None:
    """``no-cache`` without fields beside one with them is about the whole answer."""
    assert parse('no-cache="a", no-cache')["no-cache"] is None
    assert parse('private, private="a"')["private"] is None


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("max-age=10", 10),
        ("max-age=003600", 3600),
        ('max-age="10"', 10),
        ("max-age=99999999999", LONGEST),
        (f"max-age={'9' * 5000}", LONGEST),
        ("max-age", 0),
        ("max-age=", 0),
        ("max-age='10'", 0),
        ("max-age=-1", 0),
        ("max-age=10.5", 0),
        ("max-age=10a", 0),
        ("max-age =10", 0),
        ("max-age= 10", 0),
        ("max-age=\u0661", 0),
        ('ext="max-age=10"', None),
        ("", None),
    ],
)
def test_seconds_are_digits_or_nothing(text: str, wanted: int | None) -> None:
    """What cannot be read makes an answer stale, and never fresh by chance."""
    assert seconds(parse(text), "max-age") == wanted


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("max-age=10", {"max-age": "10"}),
        ("max-age=10;p=1, no-store=?1, public=?0", {"max-age": "10", "no-store": None}),
        ("max-age=10, &&&&", None),
        ('max-age="10"', None),
        ("max-age=10.5", None),
        ("MaX-AgE=10", None),
        ("max-age=10,", None),
        ("", None),
    ],
)
def test_a_targeted_field_is_a_dictionary(text: str, wanted: dict[str, str | None] | None) -> None:
    """RFC 9213 section 2.1: one that is not is as good as none."""
    found = parse_targeted(text)
    assert (None if found is None else dict(found)) == wanted


def test_the_first_target_that_is_there_holds_alone() -> None:
    """Ours before CDN-Cache-Control before Cache-Control; a broken one is passed over."""
    fields = (
        ("cache-control", "no-store"),
        ("cdn-cache-control", "max-age=1"),
        ("queuegate-cache-control", "max-age=2"),
    )
    assert effective(fields, TARGETS) == ({"max-age": "2"}, True)
    assert effective(fields[:2], TARGETS) == ({"max-age": "1"}, True)
    assert effective(fields[:1], TARGETS) == ({"no-store": None}, False)
    broken = (*fields[:1], ("cdn-cache-control", "&"))
    assert effective(broken, TARGETS) == ({"no-store": None}, False)


def test_lines_of_one_name_are_joined() -> None:
    """RFC 9110 section 5.3."""
    assert joined((("a", "1"), ("b", "x"), ("a", "2")), "a") == "1, 2"


@given(st.text(max_size=60))
def test_any_text_gives_directives(text: str) -> None:
    """Whatever comes, nothing is raised, and a number is never below nothing."""
    found = parse(text)
    parse_targeted(text)
    assert all((seconds(found, name) or 0) >= 0 for name in found)
