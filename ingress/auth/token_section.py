"""What the route file says of where a token is shown."""

from typing import Annotated

from pydantic import Field

from ingress.auth.bearer import AUTHORIZATION, Place
from ingress.auth.field_name import FieldName
from ingress.auth.realm import Realm
from ingress.values import Section


class TokenSection(Section):
    """A header field, perhaps a cookie, and what is said back; what a token is, each kind says."""

    header: Annotated[
        FieldName,
        Field(description="The header field; in `authorization` the scheme is Bearer."),
    ] = AUTHORIZATION
    cookie: Annotated[
        FieldName | None,
        Field(description="A cookie to look into when the header is not there.", examples=["id"]),
    ] = None
    realm: Realm = "queuegate"
    forward: Annotated[bool, Field(description="Whether the worker gets the token too.")] = False

    @property
    def place(self) -> Place:
        """Where a request shows it."""
        return Place(header=self.header.lower(), cookie=self.cookie or "", realm=self.realm)
