"""Whether a stored answer may be used."""

import pytest

from ingress.cache.control import parse
from ingress.cache.use import Use, judge, usable_after_error
from tests.ingress.cache.entries import entry


@pytest.mark.parametrize(
    "asked, age, use",
    [
        ("", 0, Use.FRESH),
        ("", 59, Use.FRESH),
        ("", 60, Use.ASK),
        ("no-cache", 0, Use.ASK),
        ("max-age=10", 10, Use.FRESH),
        ("max-age=10", 11, Use.ASK),
        ("max-age=0", 1, Use.ASK),
        ("min-fresh=50", 10, Use.FRESH),
        ("min-fresh=50", 11, Use.ASK),
        ("max-stale", 999, Use.STALE),
        ("max-stale=10", 70, Use.STALE),
        ("max-stale=10", 71, Use.ASK),
        ("max-stale=x", 61, Use.ASK),
        ("max-age=10, max-stale", 70, Use.STALE),
    ],
)
def test_by_its_age_and_what_the_client_takes(asked: str, age: float, use: Use) -> None:
    """RFC 9111 sections 4.2 and 5.2.1."""
    assert judge(entry(), parse(asked), 1000.0 + age) is use


def test_what_must_be_asked_about_is() -> None:
    """``no-cache`` always; what is strict when it is stale, whatever the client would take."""
    assert judge(entry(validate=True), {}, 1000.0) is Use.ASK
    assert judge(entry(strict=True), parse("max-stale"), 1061.0) is Use.ASK
    assert not usable_after_error(entry(validate=True, on_error=9.0), {}, 1000.0)


def test_stale_while_revalidate() -> None:
    """RFC 5861 section 3: for so long, and no longer."""
    stale = entry(revalidate=10.0)
    assert [judge(stale, {}, now) for now in (1060.0, 1069.0, 1070.0)] == [
        Use.BEHIND,
        Use.BEHIND,
        Use.ASK,
    ]


@pytest.mark.parametrize(
    "changes, asked, age, usable",
    [
        ({"on_error": 10.0}, "", 69, True),
        ({"on_error": 10.0}, "", 70, False),
        ({}, "", 61, False),
        ({}, "stale-if-error=10", 69, True),
        ({"strict": True}, "stale-if-error=10", 69, False),
        ({}, "", 10, True),
        ({}, "no-cache", 10, False),
    ],
)
def test_stale_if_error(
    changes: dict[str, object], asked: str, age: float, *, usable: bool
) -> None:
    """RFC 5861 section 4: both sides may allow it, and the worker may forbid it."""
    assert usable_after_error(entry(**changes), parse(asked), 1000.0 + age) is usable
