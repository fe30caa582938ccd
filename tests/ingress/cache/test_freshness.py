"""How old an answer is, and for how long it is fresh."""

import pytest

from ingress.cache.control import parse
from ingress.cache.freshness import (
    Fields,
    Said,
    default_lifetime,
    explicit_lifetime,
    initial_age,
)

CAME = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT
NOW = ("date", "Sun, 06 Nov 1994 08:49:37 GMT")
BEFORE = "Sun, 06 Nov 1994 08:48:37 GMT"
AFTER = "Sun, 06 Nov 1994 08:50:37 GMT"


@pytest.mark.parametrize(
    "fields, age",
    [
        ((), 2.0),
        ((("age", "10"),), 12.0),
        ((("age", "10"), ("age", "99")), 12.0),
        ((("age", "10, old"),), 12.0),
        ((("age", "old, 10"),), 2.0),
        ((("age", "1.5"),), 2.0),
        ((("age", "-1"),), 2.0),
        ((("date", BEFORE),), 60.0),
        ((("date", AFTER),), 2.0),
        ((("date", "nonsense"),), 2.0),
        ((("date", BEFORE), ("age", "70")), 72.0),
    ],
)
def test_the_age_when_it_came(fields: Fields, age: float) -> None:
    """RFC 9111 section 4.2.3: the more of what Age and Date say, and the time on the way."""
    assert initial_age(fields, CAME - 2, CAME) == age


@pytest.mark.parametrize(
    "control, fields, lifetime",
    [
        ("max-age=10, s-maxage=20", (), 20),
        ("max-age=10", (("expires", AFTER), NOW), 10),
        ("", (("expires", AFTER), NOW), 60),
        ("", (("expires", AFTER),), 60),
        ("", (("expires", BEFORE), NOW), 0),
        ("", (("expires", "0"), NOW), 0),
        ("", (("expires", AFTER), ("expires", AFTER)), 0),
        ("public", (), None),
    ],
)
def test_what_the_worker_says(control: str, fields: Fields, lifetime: float | None) -> None:
    """Section 4.2.1: for shared caches first, then for all, then Expires."""
    assert explicit_lifetime(fields, parse(control), CAME, targeted=False) == lifetime


def test_expires_says_nothing_beside_a_targeted_field() -> None:
    """RFC 9213 section 2.2."""
    assert explicit_lifetime((("expires", AFTER), NOW), {}, CAME, targeted=True) is None


MODIFIED = (("last-modified", "Sun, 06 Nov 1994 08:32:57 GMT"), NOW)  # 1000 s before


@pytest.mark.parametrize(
    "said, status, fields, control, lifetime",
    [
        (Said(), 200, MODIFIED, "", None),
        (Said(ttl=9), 200, (), "", 9),
        (Said(ttl=9), 404, (), "", None),
        (Said(ttl=9), 500, (), "", None),
        (Said(negative_ttl=3), 404, (), "", 3),
        (Said(negative_ttl=3), 200, (), "", None),
        (Said(ttl=9), 200, (), "no-cache", None),
        (Said(heuristic=0.1), 200, MODIFIED, "", 100),
        (Said(heuristic=0.1), 201, MODIFIED, "", None),
        (Said(heuristic=0.1), 201, MODIFIED, "public", 100),
        (Said(heuristic=0.1), 200, (("last-modified", "x"),), "", None),
        (Said(heuristic=0.1), 200, (("last-modified", AFTER), NOW), "", 0),
    ],
)
def test_what_holds_when_it_says_nothing(
    said: Said, status: int, fields: Fields, control: str, lifetime: float | None
) -> None:
    """The route's word, then a guess by section 4.2.2, and else nothing."""
    assert default_lifetime(fields, parse(control), status, CAME, said) == lifetime
