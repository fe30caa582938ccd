"""What the route file says of names and passwords."""

from typing import Annotated

from pydantic import Field

from ingress.auth.realm import Realm
from ingress.values import Section


class BasicSection(Section):
    """Names and passwords of consumers, in `Authorization: Basic`. Only sensible over TLS."""

    realm: Realm = "queuegate"
    forward: Annotated[bool, Field(description="Whether the worker gets the password too.")] = False
