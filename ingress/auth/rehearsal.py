"""Builds the authenticators of a route file for who serves nothing: to check and to explain it."""

from collections.abc import Mapping
from pathlib import Path

from ingress.auth.kinds import Parts
from ingress.auth.port import Authenticator
from ingress.auth.registry import Registry
from ingress.consumers.directory import Directory
from ingress.routefile import RouteFile


def rehearse(route_file: RouteFile, folder: Path) -> Mapping[str, Authenticator]:
    """Build them; ``folder`` is that of the file. Nothing is connected to.

    Raises ``ConfigError`` for what only building finds, such as a file of keys that is not there.
    """
    registry = Registry()
    parts = Parts(directory=Directory(), folder=folder)
    registry.adopt(route_file.auth or {}, parts, route_file.document)
    return registry.by_name
