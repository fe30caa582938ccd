"""Looks at what the public port needs, for ``queuegate doctor``."""

import time
from pathlib import Path

from ingress.doctor import Finding, Verdict
from ingress.guard.guard import SOON, Guard
from ingress.problems import ConfigError
from ingress.routefile import RouteFile

_OWNER_ONLY = 0o077


def look(route_file: RouteFile, folder: Path) -> list[Finding]:
    """Say whether the port can be served as the route file says; nothing where it is plain HTTP."""
    guard = Guard(folder, lambda _level, _text: None)
    try:
        guard.take(route_file)
    except ConfigError as error:
        return [
            Finding(
                what=problem.place,
                verdict=Verdict.WRONG,
                detail=f"{problem.path}: {problem.message}",
                advice="the gateway would not start with it",
            )
            for problem in error.problems
        ]
    if guard.tls is None:
        return []
    left = guard.tls.expires - time.time()
    return [_certificate(guard.tls.paper.certificate, left), *_key(guard.tls.paper.key)]


def _certificate(path: Path, left: float) -> Finding:
    if left > SOON:
        detail = f"{path} is good for {left / 86_400:.0f} days"
        return Finding(what="certificate", verdict=Verdict.WELL, detail=detail)
    detail = f"{path} ends in {left / 86_400:.0f} days" if left > 0 else f"{path} has ended"
    advice = "put a new one in its place: a gateway that runs takes it within a second"
    return Finding(what="certificate", verdict=Verdict.WRONG, detail=detail, advice=advice)


def _key(path: Path) -> list[Finding]:
    if not path.stat().st_mode & _OWNER_ONLY:
        return []
    detail, advice = f"{path} can be read by others than its owner", f"chmod 600 {path}"
    return [Finding(what="key", verdict=Verdict.WRONG, detail=detail, advice=advice)]
