"""Makes the authenticator that a section of the route file asks for."""

from ingress.auth.http_client import HttpClient
from ingress.auth.introspection.authenticator import IntrospectionAuthenticator, Memory
from ingress.auth.introspection.endpoint import Client, Endpoint
from ingress.auth.introspection.sections import IntrospectionSection
from ingress.auth.jwt.build import mapped
from ingress.auth.jwt.rules import Rules
from ingress.auth.membership import Directory, Membership
from ingress.auth.web_address import shown


def build(
    name: str, section: IntrospectionSection, directory: Directory
) -> IntrospectionAuthenticator:
    client = Client(section.client_id, section.client_secret, section.client_auth == "basic")
    return IntrospectionAuthenticator(
        name,
        place=section.place,
        endpoint=Endpoint(section.url, client, HttpClient(), section.within),
        rules=Rules(issuers=section.issuers, audiences=section.audiences or None, required=()),
        mapped=mapped(section.claims),
        membership=Membership(directory),
        memory=Memory(section.remember, section.remember_refused),
        capacity=section.capacity,
        forward=section.forward,
        told={
            "kind": "introspection",
            "url": shown(section.url),
            "client_id": section.client_id,
            "issuers": ", ".join(section.issuers) or "any",
            "audiences": ", ".join(section.audiences) or "any",
            "header": section.header,
        },
    )
