"""Keys of a route file."""

import pytest

from ingress import routefile
from ingress.problems import ConfigError

ROUTES = "routes: [{route: GET /, operation: a.b}]\n"
ENVIRONMENT = {"ANNA": "0123456789abcdef", "BEN": "0123456789abcdef"}


@pytest.mark.parametrize(
    "keys, complaint",
    [
        ("[0123456789abcdeg]", "a key is no thing for a file"),
        ("[{key: 0123456789abcdeg}]", "a key is no thing for a file"),
        ('["${ANNA}", "${BEN}"]', "the same key as in line 2"),
    ],
)
def test_a_key_stands_outside_of_the_file_and_is_one_consumers(keys: str, complaint: str) -> None:
    """What is wrong is told without the key."""
    text = f"{ROUTES}consumers: {{anna: {{keys: {keys}}}}}"
    with pytest.raises(ConfigError, match=complaint) as caught:
        routefile.parse(text.encode(), environment=ENVIRONMENT)
    assert "abcdef" not in str(caught.value)


def test_a_reference_is_right() -> None:
    """With or without a section around it."""
    text = (
        ROUTES
        + 'consumers: {anna: {keys: ["${ANNA}"]}, ben: {keys: [{key: "${B:-xxxxxxxxxxxxxxxx}"}]}}'
    )
    assert len(routefile.parse(text.encode(), environment=ENVIRONMENT).consumers or ()) == 2
