import pytest

from ingress.journal import names


@pytest.mark.parametrize("name", ["access_token", "accessToken", "Access-Token", "ACCESS_TOKEN"])
def test_a_name_is_known_however_it_is_written(name: str) -> None:
    """Case, dashes and underscores do not hide a name."""
    assert names.plain(name) in names.FIELDS


def test_names_are_written_as_they_are_compared() -> None:
    """Every known name is its own plain form, or it would never be found."""
    assert all(names.plain(name) == name for name in names.QUERY)
    assert all(name == name.lower() for name in names.HEADERS)
