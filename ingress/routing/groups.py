"""Groups of routes: a prefix before their paths, what all of them ask, and shared settings.

The settings are a rung of ``ingress.layers``; here is what a group does to which requests a route
takes.
"""

from ingress import pattern
from ingress.routing.conditions import Conditions
from ingress.routing.sections import MatchSection

EVERYTHING = MatchSection()


def full(route: str, prefix: str) -> pattern.Pattern:
    """Read a route behind its group's prefix; its path ``/`` is the prefix itself.

    Raises ``ValueError`` with a sentence that says what is wrong.
    """
    alone = pattern.parse(route)
    if not prefix:
        return alone
    return pattern.parse(f"{alone.method} {prefix}{alone.path if alone.path != '/' else ''}")


def merge(route: MatchSection | None, group: MatchSection | None) -> MatchSection:
    """Ask what the group asks and what the route does, whose word counts at one name."""
    mine, theirs = route or EVERYTHING, group or EVERYTHING
    return MatchSection(
        hosts=mine.hosts or theirs.hosts,
        headers={**(theirs.headers or {}), **(mine.headers or {})},
        query={**(theirs.query or {}), **(mine.query or {})},
        media=mine.media or theirs.media,
        priority=mine.priority or theirs.priority,
    )


def name(parsed: pattern.Pattern, hosts: tuple[str, ...], when: Conditions) -> str:
    """Name a route: method and path, and in brackets what else it asks of a request."""
    asked = ", ".join(filter(None, (*hosts, str(when))))
    return f"{parsed} [{asked}]" if asked else str(parsed)
