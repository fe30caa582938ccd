"""The shape of ``gateway.yaml``, strictly.

Only shapes, bounds and defaults stand here; what several entries must agree on
is in ``routecheck``, and how sections overlay each other in ``layers``. Every
field has a description and, where it has one, its default: the JSON Schema for
editors and ``docs/configuration.md`` are made from them.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, PrivateAttr, Strict, ValidationError

from ingress import complaints, pattern, routecheck, yamlfile
from ingress.auth.sections import Authenticators, RouteAuth
from ingress.authz.sections import Allow
from ingress.cache.sections import Cache, CacheStoreSection
from ingress.callers.sections import CallersSection
from ingress.coding.sections import Compress, Decompress
from ingress.consumers.sections import Consumers, KeysSection, UsagePlans
from ingress.document import Document
from ingress.guard.sections import (
    AllowedHosts,
    Connections,
    ConnectionsSection,
    Tls,
    TrustedProxies,
)
from ingress.journal.sections import Journal, Recorded
from ingress.mirror.sections import MirrorSection
from ingress.problems import ConfigError, Problem
from ingress.protection.sections import Cors, Ip, JsonLimits, SecurityHeaders
from ingress.routing import groups
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
from ingress.validation.sections import ValidateSection
from ingress.values import (
    Broker,
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
    StoreAddress,
)
from ingress.variants.sections import KeySource, Variants

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


class _Common(Section):
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
    cors: Cors = "off"
    security_headers: SecurityHeaders = "off"
    ip: Ip = "off"
    json_limits: JsonLimits = "off"
    cache: Annotated[
        Cache, Field(description="Answering GET from what was answered before; `off` does not.")
    ] = "off"


class DefaultsSection(_Common):
    """Settings of every route that does not say otherwise."""


class GroupSection(_Common):
    """Routes that have a beginning of their path, conditions and settings in common."""

    prefix: Annotated[
        Prefix | None,
        Field(description="Stands before the paths of its routes.", examples=["/shop"]),
    ] = None
    match: Annotated[
        MatchSection | None, Field(description="What all its routes ask beside method and path.")
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


class RouteSection(_Common):
    """One route. Settings that are left out come from `defaults`."""

    route: Annotated[
        RouteText,
        Field(description="Method (or ANY) and path; {name} takes a segment, {name...} the rest."),
    ]
    operation: Annotated[OperationName, Field(description="What is called: service.operation.")]
    group: Annotated[Name | None, Field(description="One of `groups`.", examples=["shop"])] = None
    match: Annotated[
        MatchSection | None, Field(description="What a request must have beside method and path.")
    ] = None
    variants: Annotated[
        Variants | None, Field(description="Other places for some of the calls, by name.")
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


class ReplaySection(Section):
    """Who may say that a call is a replay: whoever has the key."""

    key: Annotated[
        Short,
        Field(
            min_length=16,
            description="Signs the mark of replayed calls. At least 16 characters.",
            examples=["${REPLAY_KEY}"],
        ),
    ]


class RouteFile(Section):
    """All that a gateway serves, and where the messages go."""

    broker: Annotated[
        Broker,
        Field(description="memory://, or amqp://user:password@host:port/vhost, or amqps://."),
    ] = "memory://"
    store: Annotated[
        StoreAddress,
        Field(
            description=(
                "What processes and gateways share: memory:// (nothing), sqlite:PATH (relative to"
                " the route file) on one machine, redis:// for a fleet."
            )
        ),
    ] = "memory://"
    connections: Connections = ConnectionsSection()
    tls: Tls = None
    trusted_proxies: TrustedProxies = None
    allowed_hosts: AllowedHosts = None
    cache: Annotated[
        CacheStoreSection, Field(description="Where cached answers are kept, and how many.")
    ] = CacheStoreSection()
    defaults: Annotated[
        DefaultsSection, Field(description="What holds for every route that does not differ.")
    ] = DefaultsSection()
    auth: Authenticators = None
    default_deny: Annotated[
        bool, Field(description="Whether a file is wrong in which a route does not say `allow`.")
    ] = False
    consumers: Consumers = None
    usage_plans: UsagePlans = None
    keys: Annotated[
        KeysSection, Field(description="What API keys look like, and how they are kept.")
    ] = KeysSection()
    services: Annotated[
        dict[Name, ServiceSection] | None,
        Field(description="The services; when given, every route's service must be among them."),
    ] = None
    groups: Annotated[
        dict[Name, GroupSection] | None,
        Field(description="Routes that have something in common, by the group's name."),
    ] = None
    journal: Annotated[
        Journal, Field(description="Where requests are written down; without it nothing is.")
    ] = "off"
    replay: Annotated[
        ReplaySection | None,
        Field(description="Takes calls that `queuegate replay` sends; else they are answered 403."),
    ] = None
    callers: Annotated[
        CallersSection | None,
        Field(description="Signs into each message who calls; without it nothing is signed."),
    ] = None
    routes: Annotated[
        tuple[RouteSection, ...],
        Strict(strict=False),
        Field(min_length=1, max_length=10_000, description="What clients may ask for."),
    ]

    _document: Document = PrivateAttr(default_factory=lambda: Document("gateway.yaml", ""))

    @property
    def document(self) -> Document:
        """The file as it was read, with the place of everything."""
        return self._document

    def group_of(self, index: int) -> tuple[str, GroupSection]:
        """Give the group of a route and its name; an empty one for a route without."""
        name = self.routes[index].group or ""
        return name, (self.groups or {}).get(name, GroupSection())

    def pattern_of(self, index: int) -> pattern.Pattern:
        """Give the method and the whole path of a route."""
        return groups.full(self.routes[index].route, self.group_of(index)[1].prefix or "")

    def match_of(self, index: int) -> MatchSection:
        """Give what a route asks of a request beside that."""
        return groups.merge(self.routes[index].match, self.group_of(index)[1].match)


def load(path: str | Path, *, environment: Mapping[str, str] | None = None) -> RouteFile:
    """Read and check a route file.

    Raises ``ConfigError`` with everything that is wrong with it.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(yamlfile.MAX_BYTES + 1)
    except OSError as error:
        message = f"cannot be read: {(error.strerror or str(error)).lower()}"
        hint = "name another with --config, or with QUEUEGATE_CONFIG in the environment"
        raise ConfigError([Problem(file=str(path), message=message, hint=hint)]) from None
    return parse(data, source=str(path), environment=environment)


def parse(
    data: bytes, *, source: str = "gateway.yaml", environment: Mapping[str, str] | None = None
) -> RouteFile:
    """Check the bytes of a route file. Raises ``ConfigError``; see :func:`load`."""
    environment = os.environ if environment is None else environment
    document = yamlfile.parse(data, source=source, environment=environment)
    problems = list(document.problems)
    route_file = None
    if () not in document.broken:
        if document.value is None:
            problems.append(document.problem((), "the file is empty", hint="it needs `routes:`"))
        else:
            try:
                route_file = RouteFile.model_validate(document.value)
            except ValidationError as error:
                problems += complaints.of(
                    error.errors(include_url=False), document, RouteFile.model_json_schema()
                )
            # On the raw data, so that these are found beside the others.
            problems += routecheck.problems(document)
    if problems or route_file is None:
        raise ConfigError(problems)
    route_file._document = document  # noqa: SLF001 - it is this module's own
    return route_file
