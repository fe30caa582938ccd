"""Looks at the journal of a route file, for ``queuegate doctor``."""

import os
from pathlib import Path

from contracts.deadline import now_ms
from ingress import units
from ingress.doctor import Finding, Verdict
from ingress.journal import opening
from ingress.journal.filter import Filter
from ingress.journal.reader import Reader
from ingress.journal.record import JournalError
from ingress.journal.sections import STREAM
from ingress.routefile import RouteFile


def look(route_file: RouteFile, folder: Path, *, broker: str | None = None) -> list[Finding]:
    """Say whether the journal can be read and written; nothing for a route file without one."""
    section = route_file.journal
    if section == "off":
        return []
    what = f"journal {section.store}"
    if not section.store.startswith(STREAM):
        path = folder / section.store
        if not os.access(path.parent, os.W_OK):
            advice = "make the folder, or name another file in `journal: {store: ...}`"
            detail = f"{path.parent} is no folder that can be written"
            return [Finding(what=what, verdict=Verdict.WRONG, detail=detail, advice=advice)]
        if not path.exists():
            detail = "is not there yet: the gateway makes it"
            return [Finding(what=what, verdict=Verdict.WELL, detail=detail)]
    try:
        reader = opening.of_route_file(route_file, folder, broker=broker)
        try:
            return [Finding(what=what, verdict=Verdict.WELL, detail=_told(reader))]
        finally:
            reader.close()
    except JournalError as error:
        advice = "requests are served all the same, and not recorded"
        return [Finding(what=what, verdict=Verdict.WRONG, detail=str(error), advice=advice)]


def _told(reader: Reader) -> str:
    newest = next(reader.find(Filter(), limit=1), None)
    if newest is None:
        return "is empty"
    seconds = max(0, now_ms() - newest.started) // 1000
    # Two digits tell enough of an age.
    coarse = next((size for size in (86_400, 3600, 60) if seconds >= 2 * size), 1)
    age = units.write_duration(seconds // coarse * coarse)
    locked = ", which is encrypted with another key" if newest.locked else ""
    return f"the newest record is {age} old{locked}"
