"""What routes say of who may call, held against what else they say: as it holds, not as written.

So it is done with the settings of each route, whatever ``defaults`` and groups lay under it.
"""

from collections.abc import Iterator, Sequence

from ingress import layers
from ingress.authz.rules import Rules
from ingress.problems import ConfigError, Path, Problem
from ingress.routefile import RouteFile


def check(route_file: RouteFile, every: Sequence[layers.Settings]) -> None:
    """Find routes that nobody could call, and, if that is wanted, those that say nothing.

    Raises ``ConfigError`` with all of them.
    """
    found = [
        problem
        for index, settings in enumerate(every)
        for problem in _of_route(route_file, index, settings)
    ]
    if found:
        raise ConfigError(found)


def _of_route(route_file: RouteFile, index: int, settings: layers.Settings) -> Iterator[Problem]:
    document = route_file.document
    allow = settings["allow"]
    here: Path = ("routes", index, "route")
    if route_file.default_deny and not layers.asked(settings, "allow"):
        message = "it does not say who may call it, and the file has `default_deny: true`"
        hint = "add `allow`: a rule, `known`, or `anyone`"
        yield document.problem(here, message, hint=hint)
    if settings["auth"].value == "off" and Rules(allow.value).needs_caller:
        if allow.origin == "route":
            here = ("routes", index, "allow")
        message = "nobody could call it: `allow` asks for a known caller, and `auth` is off"
        hint = "add `auth`, or `allow: anyone`"
        yield document.problem(here, message, hint=hint, key=here[-1] == "allow")
