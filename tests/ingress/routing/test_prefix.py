"""What stands before the paths of a group's routes."""

import pytest

from ingress.routing import prefix


@pytest.mark.parametrize("text", ["/v1", "/t/{tenant}", "/café"])
def test_a_prefix_is_the_beginning_of_a_path(text: str) -> None:
    """Of whole segments."""
    assert prefix.check(text) == text


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("v1", "begins with a slash"),
        ("/v1/", "does not end with one"),
        ("/", "does not end with one"),
        ("/{x...}", "cannot have a tail"),
        ("/a b", "cannot stand in a path"),
    ],
)
def test_what_could_not_be_followed_is_refused(text: str, sentence: str) -> None:
    """With a sentence that says what is wrong."""
    with pytest.raises(ValueError, match=sentence):
        prefix.check(text)
