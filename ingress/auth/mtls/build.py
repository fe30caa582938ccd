"""Makes the authenticator that a section of the route file asks for."""

from ingress.auth.membership import Directory, Membership
from ingress.auth.mtls.authenticator import NAMES, MtlsAuthenticator
from ingress.auth.mtls.sections import MtlsSection


def build(name: str, section: MtlsSection, directory: Directory) -> MtlsAuthenticator:
    return MtlsAuthenticator(
        name,
        names=NAMES[section.name],
        accepted=section.accepted,
        issuers=section.issuers,
        consumers=section.consumers or {},
        membership=Membership(directory),
        realm=section.realm,
        told={
            "kind": "mtls",
            "name": section.name,
            "accepted": section.accepted,
            "consumers": section.consumers or {},
            "issuers": section.issuers or "any",
        },
    )
