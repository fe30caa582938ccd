"""What the route file says of consumers."""

import pytest
from pydantic import ValidationError

from ingress.consumers.sections import ConsumerSection, KeysSection, consumer_name


@pytest.mark.parametrize("name", ["anna", "anna@example.com", "team-1.prod", "7"])
def test_a_name_may_be_an_address(name: str) -> None:
    """It goes into logs and messages, so it has no spaces."""
    assert consumer_name(name) == name


@pytest.mark.parametrize("name", ["", "-a", "a b", "a\n", "ä", "a" * 129, "a/b"])
def test_what_could_be_no_name_is_refused(name: str) -> None:
    """With what one is made of."""
    with pytest.raises(ValueError, match="letters, digits"):
        consumer_name(name)


@pytest.mark.parametrize(
    "section",
    [
        {"keys": ["short"]},
        {"keys": [{"key": "0123456789abcdef", "expires": "soon"}]},
        {"keys": [{"id": "a"}]},
        {"groups": [""]},
        {"colour": "red"},
    ],
)
def test_what_is_wrong_with_a_consumer_is_seen(section: dict[str, object]) -> None:
    """A short key could be guessed."""
    with pytest.raises(ValidationError):
        ConsumerSection.model_validate(section)


def test_secrets_and_prefix_are_held_to_their_form() -> None:
    """A short secret is none, and a prefix goes in front of an underscore."""
    assert KeysSection(secrets=("x" * 16,), prefix="acme_live").prefix == "acme_live"
    for wrong in ({"secrets": ["x" * 15]}, {"prefix": "a-b"}, {"prefix": "_a"}, {"prefix": "a\n"}):
        with pytest.raises(ValidationError):
            KeysSection.model_validate(wrong)
