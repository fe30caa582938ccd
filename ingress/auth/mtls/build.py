"""Makes the authenticator that a section of the route file asks for."""

from ingress.auth.membership import Directory, Membership
from ingress.auth.mtls.authenticator import NAMES, MtlsAuthenticator
from ingress.auth.mtls.sections import MtlsSection


def build(name: str, section: MtlsSection, directory: Directory) -> MtlsAuthenticator:
    known = section.consumers or {}
    return MtlsAuthenticator(
        name,
        names=NAMES[section.name],
        accepted=section.accepted,
        issuers=section.issuers,
        consumers=known,
        membership=Membership(directory),
        realm=section.realm,
        told={
            "kind": "mtls",
            "name": section.name,
            "accepted": ", ".join(section.accepted),
            "consumers": ", ".join(f"{one}: {who}" for one, who in known.items()) or "none",
            "issuers": ", ".join(section.issuers) or "any",
        },
    )
