"""From a route's version to the policy that tells of it."""

from typing import Any

from ingress.pattern import Pattern
from ingress.versions.condition import segment_of
from ingress.versions.policy import Count, Version
from ingress.versions.sections import VersionsSection


def policy(
    versions: VersionsSection, pattern: Pattern, version: str, count: Count | None
) -> dict[str, Any]:
    """Give what the policy is built from."""
    segment = segment_of(pattern, version)
    vary = "" if segment else versions.asking.vary
    section = versions.known[version]
    return {"versioned": Version(version, section, segment=segment, vary=vary, count=count)}
