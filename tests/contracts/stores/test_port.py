import pytest

from contracts.stores.port import MAX_KEY, check, check_prefix, space_of


@pytest.mark.parametrize("key, space", [("a:b", "a"), ("key-1:x:y", "key-1"), ("a:\n", "a")])
def test_a_key_has_its_space(key: str, space: str) -> None:
    """The space is what stands before the first colon."""
    assert space_of(key) == space


def test_a_key_is_measured_in_bytes() -> None:
    """A key may have as many bytes as the bound says and no more, however few characters."""
    rest = (MAX_KEY - 2) // 2
    assert space_of("a:" + "é" * rest) == "a"
    with pytest.raises(ValueError, match="bytes"):
        space_of("a:" + "é" * (rest + 1))


def test_what_is_written_is_checked() -> None:
    """A check of a whole write gives the space."""
    assert check("a:b", b"", None) == "a"


@pytest.mark.parametrize("prefix", ["", "a", "A:"])
def test_a_prefix_holds_the_space(prefix: str) -> None:
    """A scan of more than one space is refused."""
    check_prefix("a:")
    with pytest.raises(ValueError, match="key"):
        check_prefix(prefix)
