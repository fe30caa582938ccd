"""The settings of a route's cache, and of the memory that the routes share."""

from typing import Annotated

from pydantic import AfterValidator, Field, Strict

from ingress.branches import Switchable
from ingress.grammar import TOKEN
from ingress.values import Duration, Section, Share, Short, Size

_YEAR = 365 * 86_400.0


def _lower(name: str) -> str:
    return name.lower()


HeaderName = Annotated[
    Short,
    Field(pattern=f"^{TOKEN.decode()}+$", examples=["accept-language"]),
    AfterValidator(_lower),
]
Names = Annotated[tuple[Short, ...], Strict(strict=False), Field(max_length=64)]


class CacheSection(Section):
    """Answering GET from what workers answered before, by RFC 9111."""

    ttl: Annotated[
        Duration | None,
        Field(ge=0, le=_YEAR, description="How long a reply is fresh that says nothing of it."),
    ] = None
    negative_ttl: Annotated[
        Duration | None,
        Field(
            ge=0,
            le=_YEAR,
            description="The same for 404, 405, 410, 414 and 501, which else are not stored.",
        ),
    ] = None
    heuristic: Annotated[
        Share,
        Field(description="Fresh for this share of the time since Last-Modified, if that is all."),
    ] = 0.0
    stale_while_revalidate: Annotated[
        Duration,
        Field(
            ge=0,
            le=_YEAR,
            description="How long a stale reply may answer while the worker is asked.",
        ),
    ] = 0.0
    stale_if_error: Annotated[
        Duration,
        Field(ge=0, le=_YEAR, description="How long a stale reply may answer when that fails."),
    ] = 0.0
    query: Annotated[
        Names | None,
        Field(description="The query parameters in the key; all of the query when left out."),
    ] = None
    headers: Annotated[
        tuple[HeaderName, ...],
        Strict(strict=False),
        Field(max_length=16, description="Request headers in the key, beside those of Vary."),
    ] = ()
    caller: Annotated[
        bool, Field(description="Whether each caller has answers of its own, and none else's.")
    ] = False
    public: Annotated[
        bool,
        Field(description="Whether replies are the same for all callers, if the worker is silent."),
    ] = False
    set_cookie: Annotated[
        bool, Field(description="Whether replies that set cookies are stored.")
    ] = False
    max_entry: Annotated[
        Size, Field(ge=0, le=16 * 1024**2, description="A reply with a larger body is not stored.")
    ] = 1024**2
    tags: Annotated[
        Names, Field(description="Tags of all replies, beside those that workers give.")
    ] = ()
    obey_clients: Annotated[
        bool, Field(description="Whether a request's Cache-Control is obeyed.")
    ] = True
    coalesce: Annotated[
        bool, Field(description="Whether requests for the same wait for one call.")
    ] = True


class CacheStoreSection(Section):
    """Where the cached answers of this gateway are."""

    size: Annotated[
        Size,
        Field(ge=1024**2, le=1024**4, description="Memory for answers, in each process."),
    ] = 64 * 1024**2
    shared: Annotated[
        bool,
        Field(description="Whether answers are kept in the store too, for all that share it."),
    ] = False


Cache = Switchable[CacheSection]
