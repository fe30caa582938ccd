"""The sections ``fields`` and ``negotiate``."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from ingress.branches import Switchable
from ingress.values import Section, Size

Represented = Literal["application/json", "application/msgpack", "application/cbor"]


class FormsSection(Section):
    """Forms of web pages (urlencoded and multipart) made JSON objects for the worker."""

    parts: Annotated[
        int, Field(ge=1, le=10_000, description="More fields and files are answered 413.")
    ] = 100
    field_size: Annotated[Size, Field(ge=0, description="A longer field is answered 413.")] = 65536
    file_size: Annotated[
        Size, Field(ge=0, description="A larger file is answered 413; `0B` takes no files.")
    ] = 0


class NegotiateSection(Section):
    """JSON, msgpack and CBOR for clients, JSON for the worker."""

    media: Annotated[
        tuple[Represented, ...],
        Strict(strict=False),
        Field(min_length=1, description="Which are taken and given, the first by default."),
    ] = ("application/json", "application/msgpack", "application/cbor")


Forms = Switchable[FormsSection]
Negotiate = Switchable[NegotiateSection]
