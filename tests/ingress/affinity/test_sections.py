"""What the route file says about calls that belong together."""

import pytest
from pydantic import ValidationError

from ingress.affinity.sections import AffinitySection


@pytest.mark.parametrize("wrong", [{}, {"by": []}, {"by": ["caller"], "lanes": 0}])
def test_a_key_is_needed(wrong: dict[str, object]) -> None:
    """And a lane at least."""
    with pytest.raises(ValidationError):
        AffinitySection.model_validate(wrong)
