"""What the route file says of a way to show API keys."""

from typing import Annotated

from pydantic import Field

from ingress.auth.field_name import FieldName
from ingress.auth.realm import Realm
from ingress.values import Section


class KeySection(Section):
    """API keys. Of several places where one may be shown the first that has one counts."""

    header: Annotated[
        FieldName | None,
        Field(
            description=(
                "The header field; `authorization` takes `Bearer KEY`. Without `query` and"
                " `cookie` it is x-api-key."
            ),
            examples=["x-api-key"],
        ),
    ] = None
    query: Annotated[
        FieldName | None, Field(description="The key of the query.", examples=["api_key"])
    ] = None
    cookie: Annotated[FieldName | None, Field(description="The cookie.", examples=["session"])] = (
        None
    )
    realm: Realm = "queuegate"
    forward: Annotated[bool, Field(description="Whether the worker gets the key too.")] = False
