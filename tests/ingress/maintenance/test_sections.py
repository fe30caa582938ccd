"""What the route file says about maintenance."""

import pytest
from pydantic import TypeAdapter, ValidationError

from ingress.maintenance.sections import Maintenance, MaintenanceSection


def test_it_is_off_or_a_section() -> None:
    """A minute, unless it is said."""
    adapter = TypeAdapter(Maintenance)
    assert adapter.validate_python("off") == "off"
    assert adapter.validate_python({}) == MaintenanceSection()
    assert MaintenanceSection().retry_after == 60
    with pytest.raises(ValidationError):
        adapter.validate_python({"retry_after": "0s"})
