"""What the settings of the journal must agree on, with the rest of the route file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from contracts.dead_letter import dead_queue
from ingress.document import Document
from ingress.journal.sections import STREAM
from ingress.problems import Path, Problem

Entry = tuple[Path, Mapping[str, Any]]


def problems(
    document: Document,
    routes: Sequence[Entry],
    others: Iterable[Entry],
    data: Mapping[str, Any],
) -> Iterator[Problem]:
    """Find what cannot be; shapes are for the model to check.

    ``others`` are services, and what may have a queue beside routes: variants, branches, mirrors.
    """
    journal = data.get("journal")
    if isinstance(journal, dict) and str(journal.get("store", "")).startswith(STREAM):
        yield from _stream(document, journal)
        yield from _queue(document, journal, [*routes, *others], data.get("services"))
    defaults = data.get("defaults")
    entries = [*routes, *([(("defaults",), defaults)] if isinstance(defaults, dict) else [])]
    keys = isinstance(journal, dict) and journal.get("keys")
    for path, entry in entries:
        asked, here = entry.get("journal"), (*path, "journal")
        if asked is None or asked == "off":
            continue
        if "journal" not in data:
            hint = "add `journal: {store: journal.db}` to the file, or `journal: off` for none"
            yield document.problem(here, "the file has no journal", hint=hint, key=True)
        redact = asked.get("redact") if isinstance(asked, dict) else None
        if isinstance(redact, dict) and redact.get("hash") and not keys and journal != "off":
            message = "digests need a key, or whoever reads them could try values out"
            hint = "give the journal `keys`, or take the names into `headers`, `query` and `body`"
            yield document.problem((*here, "redact", "hash"), message, hint=hint, key=True)


def _stream(document: Document, journal: Mapping[str, Any]) -> Iterator[Problem]:
    kept = journal.get("retention")
    if isinstance(kept, dict) and "count" in kept:
        message, hint = "a stream is bounded by age and size alone", "take `count` away"
        yield document.problem(("journal", "retention", "count"), message, hint=hint, key=True)


def _queue(
    document: Document, journal: Mapping[str, Any], entries: Iterable[Entry], services: object
) -> Iterator[Problem]:
    """Find a stream that has the name of a queue: whoever comes first would keep the other out."""
    name = str(journal["store"]).removeprefix(STREAM)
    known = services if isinstance(services, dict) else {}
    for path, entry in entries:
        queue = _queue_of(path, entry, known)
        if queue and name in {queue, dead_queue(queue)}:
            message = f"{name} is a queue of calls, and cannot be a stream too"
            hint = f"choose another name, like {STREAM}{name}.journal"
            yield document.problem(("journal", "store"), message, hint=hint)
            return


def _queue_of(path: Path, entry: Mapping[str, Any], services: Mapping[str, Any]) -> str:
    """Give the queue of a service, a route or a part of one; empty for none."""
    is_service = path[:1] == ("services",)
    service = path[-1] if is_service else str(entry.get("operation", "")).partition(".")[0]
    above = services.get(str(service))
    for section in (entry, above if isinstance(above, dict) else {}):
        if section.get("exchange"):
            return ""
        if section.get("queue"):
            return str(section["queue"])
    return str(service)
