"""What the route file says of callers with certificates."""

from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator

from ingress.auth.realm import Realm
from ingress.values import Name, Section, Short

_Names = Annotated[tuple[Short, ...], Strict(strict=False), Field(max_length=1000)]


class MtlsSection(Section):
    """A client's certificate, verified by the handshake: `tls` must ask for it."""

    name: Annotated[
        Literal["common_name", "subject", "dns", "uri", "email", "ip", "fingerprint"],
        Field(description="Where in the certificate the caller's name is."),
    ] = "common_name"
    accepted: Annotated[
        _Names,
        Field(
            description=(
                "The names that are taken; `*` stands for a part without a dot, slash, comma or @."
                ' `["*"]` with care: then whoever has a certificate gets in.'
            ),
            examples=[["*.clients.example.com"]],
        ),
    ] = ()
    consumers: Annotated[
        dict[Short, Name] | None,
        Field(description="Whose names are consumers of the file or the store."),
    ] = None
    issuers: Annotated[
        _Names,
        Field(
            description="The accepted issuers, as RFC 4514 writes them; without any all are.",
            examples=[["CN=clients,O=shop"]],
        ),
    ] = ()
    realm: Realm = "queuegate"

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.accepted and not self.consumers:
            raise ValueError("nobody would get in: say accepted, or consumers, or both")
        return self
