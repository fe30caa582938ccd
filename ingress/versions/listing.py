"""The versions of a route file, for people."""

import time
from collections import Counter

from ingress.routefile import RouteFile
from ingress.versions import moment
from ingress.versions.sections import VersionSection


def of(route_file: RouteFile, now: float | None = None) -> list[dict[str, str]]:
    """Give a row a version; empty when there are none. ``now`` in Unix seconds."""
    versions = route_file.versions
    if versions is None:
        return []
    now = time.time() if now is None else now
    routes = Counter(route_file.version_of(index) for index in range(len(route_file.routes)))
    return [
        {
            "version": name + (" (default)" if name == versions.default else ""),
            "state": _state(one, now),
            "deprecated": _day(one.deprecated),
            "sunset": _day(one.sunset),
            "successor": one.successor or "-",
            "routes": str(routes[name]),
        }
        for name, one in versions.known.items()
    ]


def _state(one: VersionSection, now: float) -> str:
    if one.sunset is not None and now >= one.sunset:
        return "gone"
    return "deprecated" if one.deprecated is not None and now >= one.deprecated else "served"


def _day(seconds: int | None) -> str:
    return "-" if seconds is None else moment.write(seconds)
