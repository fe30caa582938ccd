"""Makes the authenticator that a section of the route file asks for."""

import msgspec

from ingress import units
from ingress.auth.forward.authenticator import ForwardAuthenticator, Terms
from ingress.auth.forward.operation import Ask, Operation
from ingress.auth.forward.sections import ForwardAuthSection
from ingress.auth.forward.site import Site
from ingress.auth.forward.verdict import Judge
from ingress.auth.http_client import HttpClient
from ingress.auth.membership import Directory, Membership
from ingress.auth.web_address import shown


def build(
    name: str, section: ForwardAuthSection, directory: Directory, ask: Ask
) -> ForwardAuthenticator:
    """``ask`` sends calls to operations."""
    terms = Terms(
        send=tuple(one.lower() for one in section.send),
        hand_on=tuple(one.lower() for one in section.hand_on),
        unnamed=section.unnamed or "",
        known=section.known,
        remember=section.remember,
        whole=section.remember_by == "request",
    )
    return ForwardAuthenticator(
        name,
        judge=_judge(section, terms, ask),
        terms=terms,
        membership=Membership(directory),
        capacity=section.capacity,
        challenge=f'{section.scheme} realm="{section.realm}"',
        forward=section.forward,
        told={
            "kind": "forward_auth",
            "asks": section.operation or shown(section.url or ""),
            "send": ", ".join(terms.send),
            "hand_on": ", ".join(terms.hand_on) or "nothing",
            "remember": units.write_duration(section.remember),
        },
    )


def _judge(section: ForwardAuthSection, terms: Terms, ask: Ask) -> Judge:
    if section.operation is not None:
        return Operation(section.operation, ask, section.within, terms.hand_on)
    names = {what: name.lower() for what, name in msgspec.to_builtins(dict(section.answer)).items()}
    return Site(section.url or "", HttpClient(), section.within, names, terms.hand_on)
