"""Routes that cannot be told apart, and groups that are not there.

It looks at the data as it was read, as all of ``routecheck`` does, and passes over what does not
have the shape it needs: the model complains about that.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from pydantic import ValidationError

from ingress import pattern
from ingress.document import Document
from ingress.problems import Path, Problem, did_you_mean
from ingress.routing import groups
from ingress.routing.conditions import Conditions, may_both_fit
from ingress.routing.sections import MatchSection
from ingress.versions import check
from ingress.versions.condition import conditions
from ingress.versions.sections import VersionsSection

Entry = tuple[Path, Mapping[str, Any]]


class _Claim(msgspec.Struct, frozen=True):
    """The requests that a route takes."""

    path: Path
    pattern: pattern.Pattern
    hosts: tuple[str, ...]
    when: Conditions

    @property
    def name(self) -> str:
        return groups.name(self.pattern, self.hosts, self.when)


def problems(
    document: Document, routes: list[Entry], declared: object, versions: object = None
) -> Iterator[Problem]:
    """Find them; ``declared`` is the file's ``groups``, and ``versions`` are its versions."""
    known = declared if isinstance(declared, dict) else {}
    of_file = check.section(versions)
    yield from check.problems(document, routes, known, of_file)
    seen: dict[tuple[str, Any], list[_Claim]] = {}
    for path, route in routes:
        group = route.get("group")
        if isinstance(group, str) and group not in known:
            hint = did_you_mean(group, list(map(str, known))) or f"add {group} to `groups`"
            yield document.problem((*path, "group"), f"no group {group!r} is declared", hint=hint)
        try:
            claim = _claim(path, route, known.get(group, {}), of_file)
        except (ValidationError, TypeError, AttributeError):
            continue
        except ValueError as error:
            if group is not None and _reads(route):
                yield document.problem((*path, "route"), f"behind the group's prefix: {error}")
            continue
        if claim.when.priority and not claim.when.asks:
            message = "a priority orders routes that ask for headers, query or media"
            hint = "take it away: the more precise path and host win by themselves"
            yield document.problem((*path, "match", "priority"), message, hint=hint, key=True)
        others = seen.setdefault((claim.pattern.method, claim.pattern.shape), [])
        yield from _against(document, claim, others)
        others.append(claim)


def _claim(
    path: Path,
    route: Mapping[str, Any],
    group: Mapping[str, Any],
    versions: VersionsSection | None,
) -> _Claim:
    match = groups.merge(_section(route.get("match")), _section(group.get("match")))
    parsed = groups.full(route.get("route", ""), group.get("prefix") or "")
    version = route.get("version") or group.get("version") or ""
    when = conditions(match.conditions, versions, parsed, version)
    return _Claim(path, parsed, match.hosts, when)


def _section(said: object) -> MatchSection | None:
    return None if said is None else MatchSection.model_validate(said)


def _reads(route: Mapping[str, Any]) -> bool:
    try:
        pattern.parse(route.get("route", ""))
    except (ValueError, AttributeError):
        return False
    return True


def _against(document: Document, claim: _Claim, others: list[_Claim]) -> Iterator[Problem]:
    for other in others:
        if not _share_a_host(claim, other):
            continue
        line = document.mark((*other.path, "route")).line
        here = (*claim.path, "route")
        if msgspec.structs.replace(claim.when, priority=other.when.priority) == other.when:
            same = claim.name == other.name
            what = "is declared twice" if same else f"takes the same requests as {other.name}"
            message = f"{claim.name} {what}, first in line {line}"
            yield document.problem(here, message, hint="keep one of the two")
            return
        if claim.when.rank == other.when.rank and may_both_fit(claim.when, other.when):
            message = (
                f"a request may fit both {claim.name} and {other.name} in line {line},"
                " and neither comes first"
            )
            hint = "give one of them `match: {priority: 1}`"
            yield document.problem(here, message, hint=hint)
            return


def _share_a_host(one: _Claim, other: _Claim) -> bool:
    if not one.hosts or not other.hosts:
        return one.hosts == other.hosts
    return not set(one.hosts).isdisjoint(other.hosts)
