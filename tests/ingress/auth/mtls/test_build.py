from ingress.auth.mtls.build import build
from ingress.auth.mtls.sections import MtlsSection
from tests.ingress.auth.asking import Directory


def test_what_is_told_is_what_is_taken() -> None:
    """`routes explain` shows the names, the consumers and the issuers."""
    section = MtlsSection(name="dns", accepted=("*.example",), consumers={"a.example": "shop"})
    assert build("partners", section, Directory()).settings() == {
        "kind": "mtls",
        "name": "dns",
        "accepted": "*.example",
        "consumers": "a.example: shop",
        "issuers": "any",
    }
