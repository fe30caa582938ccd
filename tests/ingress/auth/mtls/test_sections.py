import pytest
from pydantic import ValidationError

from ingress.auth.mtls.sections import MtlsSection


def test_somebody_must_be_named() -> None:
    """A section that lets in nobody, or does not say whom, is an error."""
    with pytest.raises(ValidationError, match="nobody would get in"):
        MtlsSection.model_validate({})
    with pytest.raises(ValidationError, match="common_name"):
        MtlsSection.model_validate({"name": "sans", "accepted": ["x"]})
    assert MtlsSection.model_validate({"accepted": ["x"]}).name == "common_name"
    assert MtlsSection.model_validate({"consumers": {"x": "shop"}}).accepted == ()
