"""The sections ``compress`` and ``decompress``."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from ingress.branches import Switchable
from ingress.coding.codings import CODINGS
from ingress.values import Media, Section, Size

Codings = Annotated[
    tuple[Literal["zstd", "br", "gzip"], ...], Strict(strict=False), Field(min_length=1)
]


class CompressSection(Section):
    """Replies made smaller for clients that ask for it (`Accept-Encoding`)."""

    codings: Annotated[
        Codings, Field(description="Which, the dearest first where a client does not mind.")
    ] = CODINGS
    min_size: Annotated[
        Size, Field(ge=0, description="A smaller body is sent as it is: it would not pay.")
    ] = 1024
    media: Annotated[
        tuple[Media, ...],
        Strict(strict=False),
        Field(min_length=1, max_length=32, description="Content types that are worth it."),
    ] = (
        "application/json",
        "application/problem+json",
        "application/xml",
        "application/javascript",
        "image/svg+xml",
        "text/*",
    )


class DecompressSection(Section):
    """Request bodies with a `Content-Encoding` made themselves again, within bounds."""

    codings: Annotated[Codings, Field(description="Which are taken; others are answered 415.")] = (
        CODINGS
    )
    ratio: Annotated[
        int,
        Field(
            ge=1,
            le=10_000,
            description="A body above 64KiB that expands more than this is answered 413.",
        ),
    ] = 100


Compress = Switchable[CompressSection]
Decompress = Switchable[DecompressSection]
