"""What versions and routes must agree on."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from ingress.document import Document
from ingress.problems import Path, Problem, did_you_mean
from ingress.versions.sections import VersionsSection

Entry = tuple[Path, Mapping[str, Any]]


def section(said: object) -> VersionsSection | None:
    """Read the file's versions; ``None`` if there are none, or they are wrong in themselves."""
    if said is None:
        return None
    try:
        return VersionsSection.model_validate(said)
    except ValidationError:
        return None


def problems(
    document: Document,
    routes: list[Entry],
    groups: Mapping[str, Any],
    versions: VersionsSection | None,
) -> Iterator[Problem]:
    """Find versions that nobody declared, and ends before their beginning."""
    grouped = [(("groups", name), one) for name, one in groups.items() if isinstance(one, dict)]
    for path, entry in [*routes, *grouped]:
        said = entry.get("version")
        if not isinstance(said, str) or (versions and said in versions.known):
            continue
        here = (*path, "version")
        if versions is None:
            hint = "add `versions: {known: {...}}` to the file"
        else:
            known = list(versions.known)
            hint = did_you_mean(said, known) or f"known are {', '.join(known)}"
        yield document.problem(here, f"no version {said!r} is declared", hint=hint)
    if versions is not None:
        yield from _of_versions(document, versions)


def _of_versions(document: Document, versions: VersionsSection) -> Iterator[Problem]:
    if versions.default and versions.default not in versions.known:
        message = f"the default {versions.default!r} is none of the versions"
        yield document.problem(("versions", "default"), message)
    for name, one in versions.known.items():
        here = ("versions", "known", name)
        if one.successor and (one.successor not in versions.known or one.successor == name):
            message = f"{one.successor!r} is no other version"
            yield document.problem((*here, "successor"), message)
        if one.sunset and one.deprecated and one.sunset < one.deprecated:
            # RFC 9745 section 3: the sunset is not earlier than the deprecation.
            message = "it ends before it is deprecated"
            yield document.problem((*here, "sunset"), message)
