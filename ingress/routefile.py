"""The shape of ``gateway.yaml``, strictly.

Only shapes, bounds and defaults stand here and in ``routesections``; what several entries must
agree on is in ``routecheck``, and how sections overlay each other in ``layers``. Every field has a
description and, where it has one, its default: the JSON Schema for editors and
``docs/configuration.md`` are made from them.
"""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, Strict, ValidationError

from ingress import complaints, pattern, routecheck, yamlfile
from ingress.admin_sections import AdminSection
from ingress.auth.sections import Authenticators
from ingress.cache.sections import CacheStoreSection
from ingress.callers.sections import CallersSection
from ingress.consumers.sections import Consumers, KeysSection, UsagePlans
from ingress.document import Document
from ingress.guard.sections import (
    AllowedHosts,
    Connections,
    ConnectionsSection,
    Tls,
    TrustedProxies,
)
from ingress.journal.sections import Journal
from ingress.limits.sections import LimitSection
from ingress.problems import ConfigError, Problem
from ingress.routesections import DefaultsSection, GroupSection, RouteSection, ServiceSection
from ingress.routing import groups
from ingress.routing.conditions import Conditions
from ingress.routing.sections import MatchSection
from ingress.values import (
    Broker,
    Name,
    Section,
    Short,
    StoreAddress,
)
from ingress.versions import condition as versions
from ingress.versions.sections import VersionsSection


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
    limits: Annotated[
        dict[Name, LimitSection],
        Field(
            default_factory=dict,
            description="Limits by name, for routes, groups and `defaults` to name.",
        ),
    ]
    defaults: Annotated[
        DefaultsSection, Field(description="What holds for every route that does not differ.")
    ] = DefaultsSection()
    admin: Annotated[
        AdminSection, Field(description="The admin port's token, and its audit file.")
    ] = AdminSection()
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
    versions: Annotated[
        VersionsSection | None,
        Field(description="The versions of the API, and how requests ask for one."),
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

    def version_of(self, index: int) -> str:
        """Give the version of the API that a route is of; empty for none."""
        return self.routes[index].version or self.group_of(index)[1].version or ""

    def conditions_of(self, index: int) -> Conditions:
        """Give what a route asks of a request beside method, path and host."""
        asked, version = self.match_of(index).conditions, self.version_of(index)
        return versions.conditions(asked, self.versions, self.pattern_of(index), version)

    def match_of(self, index: int) -> MatchSection:
        """Give what a route asks of a request beside that."""
        return groups.merge(self.routes[index].match, self.group_of(index)[1].match)


@cache
def _schema() -> dict[str, Any]:
    """Give the JSON Schema, from which errors know what could have been meant; made once."""
    return RouteFile.model_json_schema()


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
                problems += complaints.of(error.errors(include_url=False), document, _schema())
            # On the raw data, so that these are found beside the others.
            problems += routecheck.problems(document)
    if problems or route_file is None:
        raise ConfigError(problems)
    route_file._document = document  # noqa: SLF001 - it is this module's own
    return route_file
