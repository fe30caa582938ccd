import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.compare.paths import Paths, general, step


@pytest.mark.parametrize(
    "text, path",
    [
        ("$.order.id", "$.order.id"),
        ("order.id", "$.order.id"),
        ('$["order id"]', '$["order id"]'),
        ("$['order id'].x", '$["order id"].x'),
        ("$.items[0]", "$.items[0]"),
        ("$.items[*].at", "$.items[12].at"),
        ("items[*].at", "$.items[12].at"),
        ("$..at", "$.at"),
        ("$..at", "$.a[3].b.at"),
        ("$.*.at", '$["a b"].at'),
        ("$", "$"),
    ],
)
def test_a_pattern_names_a_path(text: str, path: str) -> None:
    """A path is named with and without its dollar, by name, index, star and at any depth."""
    assert Paths([text]).name(path)
    assert Paths(["$.other", text]).cover(path)


@pytest.mark.parametrize(
    "text, path",
    [
        ("$.order", "$.orders"),
        ("$.order.id", "$.order"),
        ("$.items[*]", "$.items"),
        ("$.items[0]", "$.items[01]"),
        ("$.*", "$[0]x"),
        ("$..at", "$.what"),
    ],
)
def test_a_pattern_names_nothing_else(text: str, path: str) -> None:
    """A longer name, a shorter path and another sort of step are something else."""
    assert not Paths([text]).cover(path)


def test_what_is_below_is_covered() -> None:
    """All that stands inside a path is covered by it, and not named."""
    paths = Paths(["$.order"])
    for path in ("$.order.id", "$.order[0]", '$.order["a"].b'):
        assert paths.cover(path)
        assert not paths.name(path)
    assert not Paths().cover("$")
    assert not Paths()


@pytest.mark.parametrize("text", ["$.", "a..", "$[", "$[x]", "$.a b", '$["a', "$.items[-1]"])
def test_what_is_no_path_is_refused(text: str) -> None:
    """A text that cannot be read says how a path is written."""
    with pytest.raises(ValueError, match=r"is no path|no JSON"):
        Paths([text])


@given(st.lists(st.text(max_size=8) | st.integers(0, 99), max_size=4))
def test_every_path_is_its_own_pattern(keys: list[str | int]) -> None:
    """A path that a comparison tells can be given back to it as a pattern."""
    path = "$" + "".join(map(step, keys))
    assert Paths([path]).name(path)


def test_a_general_path_means_every_item() -> None:
    """Indexes are left out of a finding."""
    assert general("$.a[3].b[14]") == "$.a[*].b[*]"
