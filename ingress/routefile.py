"""The shape of ``gateway.yaml``, strictly.

Only shapes, bounds and defaults stand here; what several entries must agree on
is in ``routecheck``, and how sections overlay each other in ``layers``. Every
field has a description and, where it has one, its default: the JSON Schema for
editors and ``docs/configuration.md`` are made from them.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Strict,
    StringConstraints,
    Tag,
    ValidationError,
    WithJsonSchema,
)

from ingress import address, complaints, pattern, routecheck, units, yamlfile
from ingress.document import Document
from ingress.problems import ConfigError, Problem

MAX_TIMEOUT: Final = 3600.0
"""Seconds: a call that waits longer than an hour is a job, not a call."""

MAX_BODY: Final = 15 * 1024**2
"""Bytes. With its envelope a message stays below 16 MiB, where RabbitMQ 4 and our workers draw the
line: what they refuse would be a dead letter, and any client could write one."""

# AMQP 0-9-1 short strings hold 255 bytes.
Short = Annotated[str, StringConstraints(min_length=1, max_length=255)]


def _text_schema(form: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": form, "examples": list(examples)})


def _fits(form: str, sentence: str) -> Callable[[str], str]:
    """Make the check that a text has a form; ``sentence`` says the form to people."""

    def check(text: str) -> str:
        if not re.match(form, text, re.ASCII) or text.endswith("\n"):
            raise ValueError(sentence)
        return text

    return check


def _check_route(text: str) -> str:
    pattern.parse(text)
    return text


_NAME: Final = r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"
_OPERATION: Final = r"^[A-Za-z_][A-Za-z0-9_-]{0,63}(\.[A-Za-z_][A-Za-z0-9_-]{0,63}){1,3}$"
_MEDIA: Final = r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/([a-z0-9][a-z0-9!#$&^_.+-]{0,126}|\*)$"
_MODULE: Final = r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$"

Duration = Annotated[
    float,
    BeforeValidator(units.duration),
    _text_schema(units.DURATION_PATTERN, "5s", "250ms", "1m"),
]
Size = Annotated[
    int, BeforeValidator(units.size), _text_schema(units.SIZE_PATTERN, "1MiB", "512KB")
]
Share = Annotated[float, BeforeValidator(units.share), _text_schema(units.SHARE_PATTERN, "50%")]
RouteText = Annotated[
    str,
    AfterValidator(_check_route),
    _text_schema(pattern.PATTERN, "GET /v1/orders/{id}", "POST /v1/orders"),
]
Broker = Annotated[
    str,
    AfterValidator(address.check),
    _text_schema(address.PATTERN, "memory://", "amqp://guest:guest@localhost:5672/"),
]
Name = Annotated[
    str,
    AfterValidator(_fits(_NAME, "a name is made of letters, digits, _ and -")),
    _text_schema(_NAME, "orders"),
]
OperationName = Annotated[
    str,
    AfterValidator(_fits(_OPERATION, "an operation is written service.operation: orders.create")),
    _text_schema(_OPERATION, "orders.create"),
]
Media = Annotated[
    str,
    AfterValidator(_fits(_MEDIA, "a media type is type/subtype or type/*, in lower case")),
    _text_schema(_MEDIA, "application/json", "image/*"),
]
Module = Annotated[
    str,
    AfterValidator(_fits(_MODULE, "a service is written package.module:name")),
    _text_schema(_MODULE, "workers.samples.orders:service"),
]
DialectName = Literal["queuegate", "queuegate-json", "raw"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _on_or_off(value: object) -> str:
    return complaints.OFF if value == "off" else complaints.ON


class RetrySection(_Section):
    """How often and how soon a call is tried again, where that is safe."""

    attempts: Annotated[
        int, Field(ge=1, le=10, description="How often in all; 1 means no second time.")
    ] = 3
    base: Annotated[
        Duration,
        Field(gt=0, le=10, description="The first pause is random, up to this; each next doubles."),
    ] = 0.025
    cap: Annotated[Duration, Field(gt=0, le=60, description="No pause is longer than this.")] = 0.25
    attempt_timeout: Annotated[
        Duration | None,
        Field(
            gt=0, le=MAX_TIMEOUT, description="Bounds one attempt; else it has all that is left."
        ),
    ] = None


class BreakerSection(_Section):
    """When calls to a failing operation are refused at once, and how they resume."""

    failure_rate: Annotated[
        Share, Field(gt=0, description="Opens when this share of the calls in the window failed.")
    ] = 0.5
    window: Annotated[
        Duration, Field(ge=1, le=3600, description="How far back failures are remembered.")
    ] = 30.0
    min_calls: Annotated[
        int, Field(ge=1, le=1_000_000, description="Stays closed below this many calls.")
    ] = 20
    open_for: Annotated[
        Duration, Field(gt=0, le=3600, description="How long it refuses before it probes.")
    ] = 10.0
    probes: Annotated[
        int, Field(ge=1, le=1000, description="Calls let through to probe; all must succeed.")
    ] = 1


Retry = Annotated[
    Annotated[RetrySection, Tag(complaints.ON)] | Annotated[Literal["off"], Tag(complaints.OFF)],
    Discriminator(_on_or_off),
]
Breaker = Annotated[
    Annotated[BreakerSection, Tag(complaints.ON)] | Annotated[Literal["off"], Tag(complaints.OFF)],
    Discriminator(_on_or_off),
]


class BodySection(_Section):
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


class _Common(_Section):
    timeout: Annotated[
        Duration,
        Field(gt=0, le=MAX_TIMEOUT, description="Until when the client has its answer, or 504."),
    ] = 5.0
    retry: Annotated[Retry, Field(description="Trying again; `off` never does.")] = RetrySection()
    breaker: Annotated[Breaker, Field(description="The circuit breaker; `off` has none.")] = (
        BreakerSection()
    )
    max_body: Annotated[
        Size,
        Field(ge=0, le=MAX_BODY, description="A larger request body is answered 413."),
    ] = 1024**2
    log: Annotated[bool, Field(description="Whether each request is written to the log.")] = True


class DefaultsSection(_Common):
    """Settings of every route that does not say otherwise."""


class ServiceSection(_Section):
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
    idempotent: Annotated[
        bool | None,
        Field(
            description="Whether trying twice is safe; by default what the method says.",
            examples=[True],
        ),
    ] = None
    body: Annotated[BodySection | None, Field(description="What the request's body must be.")] = (
        None
    )
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


class RouteFile(_Section):
    """All that a gateway serves, and where the messages go."""

    broker: Annotated[
        Broker,
        Field(description="memory://, or amqp://user:password@host:port/vhost, or amqps://."),
    ] = "memory://"
    defaults: Annotated[
        DefaultsSection, Field(description="What holds for every route that does not differ.")
    ] = DefaultsSection()
    services: Annotated[
        dict[Name, ServiceSection] | None,
        Field(description="The services; when given, every route's service must be among them."),
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
