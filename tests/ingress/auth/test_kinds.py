"""The kinds of authenticators."""

from ingress.auth.credentials import Credentials
from ingress.auth.kinds import KINDS, Parts
from ingress.auth.sections import AuthenticatorSection
from ingress.consumers.directory import Directory


def test_each_kind_of_the_route_file_can_be_built() -> None:
    """A kind without a builder would be found by a gateway only."""
    assert set(KINDS) == set(AuthenticatorSection.model_fields)


def test_a_kind_is_built_of_its_name_and_section() -> None:
    """With what the gateway has to offer."""
    section = AuthenticatorSection.model_validate({"key": {"header": "x-k"}})
    built = KINDS["key"]("partners", section.kinds["key"], Parts(directory=Directory()))
    assert built.name == "partners"
    assert built.credentials == Credentials(headers=frozenset(["x-k"]))
