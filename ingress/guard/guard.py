"""Makes what stands at the public port from the route file, and makes it anew at a reload."""

import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ingress.auth.sections import shown_in
from ingress.guard.crowd import Crowd
from ingress.guard.entrance import Entrance
from ingress.guard.limits import Limits
from ingress.guard.proxies import FOR, FORWARDED, Proxies
from ingress.guard.sections import ConnectionsSection, TlsSection
from ingress.guard.tls import Paper, Tls, TlsError
from ingress.problems import ConfigError
from ingress.routefile import RouteFile

# A level and a text, for the log.
Report = Callable[[str, str], None]

# Seconds between two looks at the files of TLS, and before a certificate's end from which it is
# worth a line.
_EVERY: Final = 1.0
SOON: Final = 14 * 86_400.0


class Guard:
    """What stands at the public port of one gateway process: ``take`` a route file, then serve.

    ``folder`` is that of the route file. ``entrance`` is for connections to come.
    """

    def __init__(self, folder: Path, report: Report) -> None:
        self._folder = folder
        self._report = report
        self._looked = time.monotonic()
        self._taken = False
        self.tls: Tls | None = None
        self.crowd = Crowd()
        self.entrance = Entrance(crowd=self.crowd)

    @property
    def scheme(self) -> str:
        """What the URL of the port begins with."""
        return "http" if self.tls is None else "https"

    @property
    def context(self) -> ssl.SSLContext | None:
        """What the server needs for HTTPS."""
        return None if self.tls is None else self.tls.context

    def take(self, route_file: RouteFile) -> None:
        """Do as a route file says; raises ``ConfigError`` for what cannot be, and changes nothing.

        TLS as such comes and goes with the process, for the port is spoken to in one way.
        """
        fresh, proxies = _tls(route_file, self._folder), _proxies(route_file)
        if not self._taken:
            self.tls, self._taken = fresh, True
        elif (fresh is None) != (self.tls is None):
            self._report("WARNING", "TLS comes or goes when the gateway is started again")
        elif fresh is not None and self.tls is not None:
            self.tls.renew(fresh.paper)
        self.entrance = self._entrance(route_file, proxies)
        self._warn()

    def look(self) -> None:
        """Take certificates that have changed; to be called often, looks once a second."""
        tls = self.tls
        if tls is None or time.monotonic() - self._looked < _EVERY:
            return
        self._looked = time.monotonic()
        if not tls.changed:
            return
        try:
            tls.renew()
        except TlsError as error:
            tls.forget_change()
            self._report("ERROR", f"the new certificate cannot be served with: {error}")
        else:
            self._report("INFO", f"took the new certificate {tls.paper.certificate}")
            self._warn()

    def _entrance(self, route_file: RouteFile, proxies: Proxies | None) -> Entrance:
        said = route_file.connections
        self.crowd.set(said.max, said.max_per_address)
        if self.crowd.most < said.max:
            most = f"{self.crowd.most} connections, for the limit of open files is no higher"
            self._report("WARNING", f"there is room for {most} (ulimit -n)")
        return Entrance(
            _limits(said),
            crowd=self.crowd,
            proxies=proxies,
            hosts=route_file.allowed_hosts or (),
            secret=shown_in(route_file.auth).headers,
        )

    def _warn(self) -> None:
        if self.tls is not None and (left := self.tls.expires - time.time()) < SOON:
            when = f"ends in {left / 86_400:.0f} days" if left > 0 else "has ended"
            self._report("WARNING", f"the certificate {self.tls.paper.certificate} {when}")


def paper(section: TlsSection, folder: Path) -> Paper:
    """Say what TLS is made of; paths are relative to the ``folder`` of the route file."""
    return Paper(
        certificate=folder / section.certificate,
        key=folder / section.key,
        client_ca=folder / section.client_ca if section.client_ca else None,
        client=section.client,
        min_version=section.min_version,
        ciphers=section.ciphers or "",
    )


def _tls(route_file: RouteFile, folder: Path) -> Tls | None:
    section = route_file.tls
    if section is None:
        return None
    try:
        if (section.client == "none") != (section.client_ca is None):
            raise TlsError("client", "`client` and `client_ca` need each other")
        return Tls(paper(section, folder))
    except TlsError as error:
        problem = route_file.document.problem(("tls", error.key), str(error))
        raise ConfigError([problem]) from None


def _proxies(route_file: RouteFile) -> Proxies | None:
    section = route_file.trusted_proxies
    if section is None:
        return None
    if {FOR, FORWARDED} <= set(section.headers):
        message = f"{FORWARDED} and {FOR} may say two things: which one do the proxies write?"
        raise ConfigError([route_file.document.problem(("trusted_proxies", "headers"), message)])
    return Proxies(section.networks, section.headers)


def _limits(said: ConnectionsSection) -> Limits:
    return Limits(**{name: getattr(said, name) for name in Limits.__struct_fields__})
