"""Which version a request has to ask for, to be a route's."""

from msgspec.structs import replace

from ingress.pattern import Pattern
from ingress.routing.conditions import Conditions, Versioned
from ingress.versions.sections import VersionsSection


def segment_of(pattern: Pattern, version: str) -> str:
    """Give the literal segment of a path that says the version: ``v1`` or ``1``; or nothing."""
    return next((one for one in pattern.segments if one in {version, f"v{version}"}), "") or ""


def conditions(
    asked: Conditions, versions: VersionsSection | None, pattern: Pattern, version: str
) -> Conditions:
    """Add that of the version, unless the path says it or nobody can ask otherwise."""
    if not version or versions is None or not versions.ask or segment_of(pattern, version):
        return asked
    return replace(asked, version=Versioned(version, versions.asking))
