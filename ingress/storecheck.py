"""Looks at the store of a route file, for ``queuegate doctor``."""

from pathlib import Path

from contracts.fault import Fault
from contracts.stores import open_store
from ingress.doctor import Finding, Verdict
from ingress.problems import without_password
from ingress.routefile import RouteFile


async def look(route_file: RouteFile, folder: Path) -> list[Finding]:
    """Say whether the store answers; nothing for one in memory, which always does."""
    url = route_file.store
    shown = without_password(url)
    if url.startswith("memory:"):
        return []
    store = open_store(url, folder)
    try:
        await store.ready()
    except Fault as fault:
        detail = f"{shown}: {without_password(fault.detail)}"
        return [Finding(what="store", verdict=Verdict.WRONG, detail=detail, advice=_advice(url))]
    finally:
        await store.close()
    return [Finding(what="store", verdict=Verdict.WELL, detail=f"{shown} answers")]


def _advice(url: str) -> str:
    if url.startswith("sqlite:"):
        return "is its folder there, and may this user write to it and to the file?"
    return "is it running, and are host, port and password right? Check `store:`"
