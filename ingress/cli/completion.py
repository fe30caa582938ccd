"""What Tab offers: routes, operations and services of the route file at hand.

A shell asks at every Tab, and an error would be typed into the user's line: so
whatever goes wrong, nothing is offered.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import typer

from contracts.fault import TABLE
from ingress.problems import ConfigError
from ingress.routefile import RouteFile, load


def routes(context: typer.Context, incomplete: str) -> list[str]:
    """Offer names of routes and operations."""
    file = _route_file(context)
    if file is None:
        return []
    names = [*(route.route for route in file.routes), *(route.operation for route in file.routes)]
    return _fitting(names, incomplete)


def route_names(context: typer.Context, incomplete: str) -> list[str]:
    """Offer names of routes alone."""
    file = _route_file(context)
    return _fitting([route.route for route in file.routes] if file else [], incomplete)


def callers(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the consumers of the route file, and nobody."""
    file = _route_file(context)
    return _fitting(["anonymous", *(file.consumers or {} if file else ())], incomplete)


def fault_codes(incomplete: str) -> list[str]:
    """Offer the codes of the fault table."""
    return _fitting(list(TABLE), incomplete)


def services(context: typer.Context, incomplete: str) -> list[str]:
    """Offer ``module:service`` of the route file, and of the Python files here."""
    file = _route_file(context)
    declared = (file.services or {}).values() if file else ()
    names = [service.module for service in declared if service.module]
    return _fitting([*names, *_written_here(Path.cwd())], incomplete)


def _written_here(folder: Path) -> Iterator[str]:
    """Look for ``name = Service(`` without importing anything."""
    for path in [*sorted(folder.glob("*.py")), *sorted(folder.glob("*/*.py"))]:
        module = ".".join(path.relative_to(folder).with_suffix("").parts)
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        for line in lines:
            name, assigned, value = line.partition(" = ")
            if assigned and name.isidentifier() and value.startswith("Service("):
                yield f"{module}:{name}"


def _fitting(names: list[str], incomplete: str) -> list[str]:
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


def _route_file(context: typer.Context) -> RouteFile | None:
    given = context.params.get("config") or os.environ.get("QUEUEGATE_CONFIG") or "gateway.yaml"
    try:
        return load(str(given))
    except ConfigError:
        return None
