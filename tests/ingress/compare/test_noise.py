import pytest

from ingress.compare.noise import is_noise


@pytest.mark.parametrize(
    "raw, noise, total, expected",
    [
        (1, 0, 10_000, False),
        (10_000, 10_000, 10_000, True),
        (4_900, 5_000, 10_000, True),
        (5_100, 5_000, 10_000, True),
        (10_000, 5_000, 10_000, False),
        (3, 2, 100_000, True),
        (0, 0, 0, False),
    ],
)
def test_what_differs_from_itself_as_often_is_noise(
    raw: int,
    noise: int,
    total: int,
    expected: bool,  # noqa: FBT001
) -> None:
    """A place is noise when the old version differs from itself there about as often."""
    assert is_noise(raw, noise, total) is expected
