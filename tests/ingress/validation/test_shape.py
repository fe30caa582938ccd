import pytest

from tests.ingress.policies.test_validate import shape


def test_a_shape_does_not_change() -> None:
    """A request keeps the shape that it began with."""
    with pytest.raises(AttributeError):
        shape().most = 1  # type: ignore[misc]
