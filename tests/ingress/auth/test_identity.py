import pytest

from ingress.auth.identity import Identity


def test_an_identity_does_not_change() -> None:
    """What was verified once cannot be made to say more."""
    one = Identity(id="ann", scheme="key")
    with pytest.raises(AttributeError):
        one.scopes = ("admin",)  # type: ignore[misc]
    with pytest.raises(TypeError):
        one.claims["admin"] = True  # type: ignore[index]
    assert (one.groups, one.scopes, one.roles, one.plan, one.expires) == ((), (), (), "", 0.0)
