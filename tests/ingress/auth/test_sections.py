"""What the route file says of authenticators."""

import pytest
from pydantic import ValidationError

from ingress import layers, routefile
from ingress.auth import sections
from ingress.auth.sections import AuthenticatorSection
from ingress.problems import ConfigError

TEXT = """
auth:
  partners: {key: {}}
  staff: {key: {header: x-staff}}
defaults: {auth: [partners, staff]}
routes:
  - {route: GET /a, operation: a.b}
  - {route: GET /b, operation: a.b, auth: staff}
  - {route: GET /c, operation: a.b, auth: off}
"""


def test_an_authenticator_is_of_one_kind() -> None:
    """Neither of none nor of what is not said."""
    assert list(AuthenticatorSection.model_validate({"key": {}}).kinds) == ["key"]
    for wrong in ({}, {"key": None}):
        with pytest.raises(ValidationError, match="exactly one kind"):
            AuthenticatorSection.model_validate(wrong)


def test_a_route_takes_the_place_of_what_defaults_say() -> None:
    """One name, a list of them, or off."""
    file = routefile.parse(TEXT.encode(), environment={})
    said = [layers.of(file, index)["auth"].value for index in range(3)]
    assert said == [("partners", "staff"), "staff", "off"]
    assert [sections.names(one) for one in said] == [("partners", "staff"), ("staff",), ()]


@pytest.mark.parametrize(
    "said, complaint",
    [
        ("5", "this must be a list, not a number"),
        ("[]", "this must not be empty"),
        ("[off, 5]", "this must be a text"),
        ("{partners: {}}", "this must be a list, not a mapping"),
        ("'not a name'", "a name is made of"),
    ],
)
def test_what_is_no_list_of_names_is_told(said: str, complaint: str) -> None:
    """In words that say what to write instead."""
    route = f"{{route: GET /a, operation: a.b, auth: {said}}}"
    text = f"auth: {{partners: {{key: {{}}}}}}\nroutes: [{route}]"
    with pytest.raises(ConfigError, match=complaint):
        routefile.parse(text.encode(), environment={})
