"""The sections of ``gateway.yaml`` that say what holds for routes, and each route itself.

Only shapes, bounds and defaults stand here; see ``routefile``.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import ConfigDict, Field, Strict, model_validator

from ingress.affinity.sections import AffinitySection
from ingress.auth.sections import RouteAuth
from ingress.authz.sections import Allow
from ingress.cache.sections import Cache
from ingress.coding.sections import Compress, Decompress
from ingress.fanout.sections import FanOutSection
from ingress.fixed.sections import OWN, WAYS, RedirectSection, ReplySection
from ingress.journal.sections import Recorded
from ingress.limits.sections import LimitNames
from ingress.maintenance.sections import Maintenance
from ingress.mirror.sections import MirrorSection
from ingress.protection.sections import Cors, Ip, JsonLimits, SecurityHeaders
from ingress.representation.sections import Forms, Negotiate
from ingress.routing.sections import MatchSection, Prefix
from ingress.sections import (
    MAX_TIMEOUT,
    Breaker,
    BreakerSection,
    Bulkhead,
    Retry,
    RetrySection,
    Shed,
)
from ingress.transform.sections import TransformSection
from ingress.validation.sections import ValidateSection
from ingress.values import (
    DialectName,
    Duration,
    Media,
    Module,
    Name,
    OperationName,
    RouteText,
    Section,
    Short,
    Size,
)
from ingress.variants.sections import KeySource, Variants
from ingress.versions.sections import VersionName

MAX_BODY: Final = 15 * 1024**2
"""Bytes. With its envelope a message stays below 16 MiB, where RabbitMQ 4 and our workers draw the
line: what they refuse would be a dead letter, and any client could write one."""


class BodySection(Section):
    """What the request's body must be. Without it a body is carried unread."""

    media: Annotated[
        tuple[Media, ...],
        Strict(strict=False),
        Field(
            min_length=1,
            max_length=32,
            description="Content types taken, in lower case; others are answered 415.",
        ),
    ]
    required: Annotated[bool, Field(description="Whether an empty body is answered 400.")] = True
    wellformed: Annotated[
        bool,
        Field(description="Whether JSON, msgpack and forms are parsed, and 400 if they cannot be."),
    ] = True


class Common(Section):
    """What a route, a group of them and `defaults` can say."""

    timeout: Annotated[
        Duration,
        Field(gt=0, le=MAX_TIMEOUT, description="Until when the client has its answer, or 504."),
    ] = 5.0
    retry: Annotated[Retry, Field(description="Trying again; `off` never does.")] = RetrySection()
    breaker: Annotated[Breaker, Field(description="The circuit breaker; `off` has none.")] = (
        BreakerSection()
    )
    bulkhead: Annotated[
        Bulkhead, Field(description="A limit of calls at a time; `off` has none.")
    ] = "off"
    shed: Annotated[
        Shed,
        Field(description="Turning away what would wait too long in the queue; `off` does not."),
    ] = "off"
    require_worker: Annotated[
        bool,
        Field(description="Whether a call is 503 at once while nobody consumes from its queue."),
    ] = False
    max_body: Annotated[
        Size,
        Field(ge=0, le=MAX_BODY, description="A larger request body is answered 413."),
    ] = 1024**2
    trailing_slash: Annotated[
        Literal["strict", "redirect"],
        Field(description="What a slash too much or too few at the end gets: 404, or 308."),
    ] = "strict"
    decompress: Annotated[
        Decompress,
        Field(description="Decoding request bodies that are compressed; `off` carries them so."),
    ] = "off"
    forms: Annotated[
        Forms, Field(description="Forms of web pages as JSON; `off` carries them as they are.")
    ] = "off"
    negotiate: Annotated[
        Negotiate, Field(description="JSON, msgpack and CBOR for clients; `off` leaves them alone.")
    ] = "off"
    compress: Annotated[
        Compress, Field(description="Compressing replies; `off` sends them as they are.")
    ] = "off"
    log: Annotated[bool, Field(description="Whether each request is written to the log.")] = True
    journal: Annotated[
        Recorded,
        Field(
            description=(
                "What the journal keeps of each request, where there is one: `off`, `metadata`,"
                " `full`, or a section."
            )
        ),
    ] = "metadata"
    auth: RouteAuth = "off"
    allow: Allow = "anyone"
    limits: LimitNames = ()
    cors: Cors = "off"
    security_headers: SecurityHeaders = "off"
    ip: Ip = "off"
    json_limits: JsonLimits = "off"
    maintenance: Maintenance = "off"
    cache: Annotated[
        Cache, Field(description="Answering GET from what was answered before; `off` does not.")
    ] = "off"


class DefaultsSection(Common):
    """Settings of every route that does not say otherwise."""


class GroupSection(Common):
    """Routes that have a beginning of their path, conditions and settings in common."""

    prefix: Annotated[
        Prefix | None,
        Field(description="Stands before the paths of its routes.", examples=["/shop"]),
    ] = None
    match: Annotated[
        MatchSection | None, Field(description="What all its routes ask beside method and path.")
    ] = None
    version: Annotated[
        VersionName | None, Field(description="The version of the API that they are of.")
    ] = None


class ServiceSection(Section):
    """A family of operations behind one queue."""

    queue: Annotated[
        Short | None,
        Field(
            description="The work queue; without it the queue has the service's name.",
            examples=["orders.work"],
        ),
    ] = None
    exchange: Annotated[
        Short | None,
        Field(
            description="Publish to this exchange instead, with the operation's name as key.",
            examples=["bus"],
        ),
    ] = None
    dialect: Annotated[
        DialectName,
        Field(description="How calls become messages: ours in msgpack or JSON, or the HTTP body."),
    ] = "queuegate"
    module: Annotated[
        Module | None,
        Field(description="Where its code is: `dev` runs it, `routes check` reads its operations."),
    ] = None
    contract: Annotated[
        Short | None,
        Field(
            description="A file beside this one that `queuegate describe` wrote: for `validate`.",
            examples=["orders.contract.json"],
        ),
    ] = None
    operations: Annotated[
        tuple[Name, ...] | None,
        Strict(strict=False),
        Field(
            description="All that it offers, without the service's name; routes are held to it.",
            examples=[["create", "get"]],
        ),
    ] = None


class RouteSection(Common):
    """One route. Settings that are left out come from `defaults`."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": [way]} for way in WAYS]})

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.model_fields_set.isdisjoint(WAYS):
            msg = "the key 'operation' is missing"
            raise ValueError(msg)
        return self

    route: Annotated[
        RouteText,
        Field(description="Method (or ANY) and path; {name} takes a segment, {name...} the rest."),
    ]
    operation: Annotated[
        OperationName,
        Field(
            description="What is called: service.operation; or the gateway answers by itself.",
            examples=["orders.create"],
            json_schema_extra=lambda schema: schema.pop("default", None),
        ),
    ] = OWN
    reply: Annotated[
        ReplySection | None, Field(description="An answer that is written here, and no call.")
    ] = None
    fan_out: Annotated[
        FanOutSection | None,
        Field(description="Several operations at once, and one JSON object of their answers."),
    ] = None
    redirect: Annotated[
        RedirectSection | None, Field(description="Where the client is sent on to.")
    ] = None
    group: Annotated[Name | None, Field(description="One of `groups`.", examples=["shop"])] = None
    match: Annotated[
        MatchSection | None, Field(description="What a request must have beside method and path.")
    ] = None
    version: Annotated[
        VersionName | None,
        Field(description="The version of the API that it is of.", examples=["1"]),
    ] = None
    variants: Annotated[
        Variants | None, Field(description="Other places for some of the calls, by name.")
    ] = None
    affinity: Annotated[
        AffinitySection | None,
        Field(description="All calls of one key to one consumer, in their order."),
    ] = None
    mirror: Annotated[
        MirrorSection | None,
        Field(description="Another place that gets a copy of the calls, and is not waited for."),
    ] = None
    sticky: Annotated[
        tuple[KeySource, ...],
        Strict(strict=False),
        Field(
            max_length=8,
            description="By what a call stays with its variant; the first that it has.",
        ),
    ] = ("caller", "address")
    idempotent: Annotated[
        bool | None,
        Field(
            description="Whether trying twice is safe; by default what the method says.",
            examples=[True],
        ),
    ] = None
    accept: Annotated[
        bool,
        Field(description="Whether the answer is 202 once the broker keeps the call, and no more."),
    ] = False
    priority: Annotated[
        int | None,
        Field(ge=0, le=9, description="Who goes first in a queue that has priorities: 9."),
    ] = None
    body: Annotated[BodySection | None, Field(description="What the request's body must be.")] = (
        None
    )
    transform: Annotated[
        TransformSection | None,
        Field(description="What the worker gets instead of the request, and the client back."),
    ] = None
    validate_: Annotated[
        ValidateSection | None,
        Field(
            alias="validate",
            description="What request and reply must look like; `{}`: as the operation says.",
        ),
    ] = None
    queue: Annotated[
        Short | None, Field(description="Another queue than the service's.", examples=["bulk"])
    ] = None
    exchange: Annotated[
        Short | None,
        Field(description="Publish to this exchange instead of a queue.", examples=["bus"]),
    ] = None
    routing_key: Annotated[
        Short | None,
        Field(description="The key for the exchange; else the operation's name.", examples=["k"]),
    ] = None
