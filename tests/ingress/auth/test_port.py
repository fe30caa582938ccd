"""The port of authenticators."""

from contracts.call import Call
from ingress.auth.key.authenticator import KeyAuthenticator
from ingress.auth.key.sections import KeySection
from ingress.auth.port import Authenticator, Request
from ingress.consumers.directory import Directory
from ingress.flow import Flow
from tests.ingress.auth.shown import Scripted


def test_a_flow_is_a_request_for_authenticators() -> None:
    """They look at the Flow itself, by the narrow port."""
    flow: Request = Flow(Call(id="1", operation="a.b"), None, 0.0)
    assert (flow.certificate, flow.secure) == (None, False)


def test_what_is_built_and_what_tests_use_are_authenticators() -> None:
    """The type checker holds them to the port."""
    ways: list[Authenticator] = [
        Scripted("a", None),
        KeyAuthenticator("k", KeySection(), Directory()),
    ]
    assert [way.name for way in ways] == ["a", "k"]
