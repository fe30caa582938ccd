"""Holds the routes that usage plans of the file cover against those that there are."""

from collections.abc import Iterator, Sequence

from ingress.consumers.records import UsagePlan
from ingress.problems import ConfigError, Problem, did_you_mean
from ingress.routefile import RouteFile


def check(route_file: RouteFile, names: Sequence[str]) -> None:
    """Raises ``ConfigError`` for what covers none of the routes: its consumers would be refused."""
    found = list(_uncovering(route_file, names))
    if found:
        raise ConfigError(found)


def _uncovering(route_file: RouteFile, names: Sequence[str]) -> Iterator[Problem]:
    for plan, section in (route_file.usage_plans or {}).items():
        for index, form in enumerate(section.routes):
            if not any(map(UsagePlan(name=plan, routes=(form,)).covers, names)):
                here = ("usage_plans", plan, "routes", index)
                hint = did_you_mean(form, names) or "`queuegate routes list` has their names"
                yield route_file.document.problem(here, f"no route is called {form!r}", hint=hint)
