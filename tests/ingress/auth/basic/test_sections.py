"""What the route file says of names and passwords."""

import pytest
from pydantic import ValidationError

from ingress.auth.basic.sections import BasicSection


def test_nothing_need_be_said() -> None:
    """A realm cannot end its quotes."""
    assert BasicSection().realm == "queuegate"
    with pytest.raises(ValidationError):
        BasicSection(realm='a"b')
