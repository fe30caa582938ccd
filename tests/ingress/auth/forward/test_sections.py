from typing import Any

import pytest
from pydantic import ValidationError

from ingress.auth.forward.sections import ForwardAuthSection


@pytest.mark.parametrize(
    "section, said",
    [
        ({}, "either a url or an operation"),
        ({"url": "https://a.example/", "operation": "auth.check"}, "either a url or an operation"),
        ({"url": "http://a.example/"}, "this machine"),
        ({"operation": "auth"}, "service.operation"),
        ({"operation": "auth.check", "send": ["a b"]}, "a name of a header"),
        ({"operation": "auth.check", "scheme": "Bearer x"}, "match pattern"),
    ],
)
def test_somebody_must_decide(section: dict[str, Any], said: str) -> None:
    """One of the two, safely reached, with names that are names."""
    with pytest.raises(ValidationError) as caught:
        ForwardAuthSection.model_validate(section)
    assert said in str(caught.value)


def test_little_is_needed() -> None:
    """Who decides is all that has no default."""
    section = ForwardAuthSection.model_validate({"operation": "auth.check"})
    assert section.send == ("authorization", "cookie")
    assert ForwardAuthSection(url="http://a.internal/", insecure=True).remember == 0
