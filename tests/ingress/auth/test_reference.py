"""Secrets of authenticators."""

import pytest

from ingress import routefile
from ingress.problems import ConfigError

ROUTES = "routes: [{route: GET /, operation: a.b}]\n"
SECRET = "0123456789abcdef0123456789abcdef"
SECTIONS = [
    "jwt: {algorithms: [HS256], keys: {secrets: [SECRET]}}",
    "signature: {keys: [{id: a, algorithm: hmac-sha256, secret: SECRET}]}",
    "introspection: {url: 'https://a.example/', client_id: a, client_secret: SECRET}",
]


def load(section: str, secret: str) -> routefile.RouteFile:
    text = f"{ROUTES}auth: {{one: {{{section.replace('SECRET', secret)}}}}}"
    return routefile.parse(text.encode(), environment={"S": SECRET})


@pytest.mark.parametrize("section", SECTIONS, ids=lambda text: text.partition(":")[0])
def test_a_secret_stands_outside_of_the_file(section: str) -> None:
    """A reference is right; what is written there is told with its line and not with itself."""
    assert SECRET not in repr(load(section, '"${S}"').auth)
    with pytest.raises(ConfigError, match="a secret is no thing for a file") as caught:
        load(section, SECRET)
    assert "gateway.yaml:2" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda text: text.partition(":")[0])
def test_a_secret_that_is_wrong_is_not_shown(section: str) -> None:
    """Too short, it is refused without being repeated."""
    if "introspection" in section:
        section = section.replace("client_secret", "wrong_name")
    with pytest.raises(ConfigError) as caught:
        routefile.parse(
            f"{ROUTES}auth: {{one: {{{section.replace('SECRET', '${S}')}}}}}".encode(),
            environment={"S": "hunter2"},
        )
    assert "hunter2" not in str(caught.value)


def test_what_has_another_shape_is_left_to_the_model() -> None:
    """Nothing but the model's own complaints comes of a section that is none."""
    for section in (
        "jwt: 5",
        "jwt: {keys: 5}",
        "jwt: {keys: {secrets: 5}}",
        "signature: {keys: [5]}",
    ):
        with pytest.raises(ConfigError) as caught:
            load(section, "")
        assert "no thing for a file" not in str(caught.value)
