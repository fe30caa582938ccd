"""Values as they would stand in the route file."""

import pytest

from ingress.writing import has_unit, write


@pytest.mark.parametrize(
    "name, value, text",
    [
        ("retry.base", 0.025, "25ms"),
        ("max_body", 2**20, "1MiB"),
        ("security_headers.hsts", 86400.0, "1d"),
        ("tokens.jwt.keys.stale", 60.0, "1m"),
        ("breaker.failure_rate", 0.5, "50%"),
        ("log", False, "false"),
        ("queue", "q", "q"),
        ("body.media", ("a/b", "c/d"), "[a/b, c/d]"),
        ("retry.attempt_timeout", None, "-"),
    ],
)
def test_a_value_is_written_as_in_the_file(name: str, value: object, text: str) -> None:
    """With its unit, so that it can be copied back."""
    assert write(name, value) == text


def test_what_has_a_unit_is_known_by_what_reads_it() -> None:
    """Wherever in the file it stands, also where it is one of several kinds of value."""
    assert all(map(has_unit, ("timeout", "attempt_timeout", "max_age", "min_size", "sample")))
    assert not any(map(has_unit, ("attempts", "queue", "log", "max_keys")))
