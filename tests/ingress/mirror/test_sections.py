"""What the route file says about mirrors."""

import pytest
from pydantic import ValidationError

from ingress.mirror.sections import MirrorSection


def test_all_calls_are_copied_unless_it_is_said() -> None:
    """Bounded in any case."""
    assert (MirrorSection(queue="q").share, MirrorSection(queue="q").at_most) == (1.0, 1000)


@pytest.mark.parametrize("wrong", [{"share": "0%"}, {"at_most": 0}, {"wait": True}])
def test_what_would_copy_nothing_is_refused(wrong: dict[str, object]) -> None:
    """Leave the section out instead."""
    with pytest.raises(ValidationError):
        MirrorSection.model_validate(wrong)
