"""What a path parameter of a kind takes."""

import pytest

from ingress.routing.kinds import CHECKS, NAMES

UUID = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"


@pytest.mark.parametrize(
    "kind, takes, refuses",
    [
        ("int", ["0", "42", "-7", "9" * 18], ["", "4.2", "+1", "9" * 19, "٣", "1 ", "1\n"]),
        (
            "uuid",
            [UUID, UUID.upper()],
            [UUID[:-1], UUID.replace("-", ""), f"{{{UUID}}}", UUID + "\n"],
        ),
        ("date", ["2026-02-28"], ["2026-02-30", "2026-2-8", "20260228", "2026-W09-6"]),
        ("slug", ["a", "blue-tea-2"], ["Blue", "-a", "a-", "a--b", "a_b", "é"]),
    ],
)
def test_a_kind_takes_what_looks_like_it(kind: str, takes: list[str], refuses: list[str]) -> None:
    """And nothing else: no sign that is not written, no other script's digits, no line end."""
    assert all(CHECKS[kind](one) for one in takes)
    assert not any(CHECKS[kind](one) for one in refuses)


def test_the_more_precise_kind_is_asked_first() -> None:
    """A date and a number may be slugs too, so the slug comes last."""
    assert NAMES == ("uuid", "date", "int", "slug")
    assert CHECKS["slug"]("2026-02-28")
    assert CHECKS["slug"]("42")
