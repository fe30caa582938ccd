"""What one connection of the public port has to do with: bounds, readers, proxies, hosts."""

from collections.abc import Collection, Iterable

import msgspec

from contracts.fault import Fault
from ingress.guard.crowd import Crowd
from ingress.guard.hosts import Allowed
from ingress.guard.limits import USUAL, Limits
from ingress.guard.peer import Peer
from ingress.guard.proxies import PROTO, Proxies, unbelieved
from ingress.head import Head, HeadReader


class Entrance:
    """The settings of a port, as they are when a connection is made.

    A reload makes another one; the ``crowd`` goes over to it. ``secret`` are the names of fields in
    which credentials are shown, besides the usual ones.
    """

    def __init__(
        self,
        limits: Limits = USUAL,
        *,
        crowd: Crowd | None = None,
        proxies: Proxies | None = None,
        hosts: Iterable[str] = (),
        secret: Collection[str] = (),
    ) -> None:
        self.limits = limits
        self.crowd = crowd or Crowd()
        self.proxies = proxies
        self._allowed = Allowed(hosts)
        self._reader = HeadReader(limits, self._allowed, secret=secret)
        # Behind a proxy the Host may be a name of ours for ourselves, and its claims are heard.
        self._trusting = HeadReader(limits, claims=True, secret=secret)

    def reader(self, *, trusted: bool) -> HeadReader:
        """Give what reads the heads of a client, or of a proxy that is trusted."""
        return self._trusting if trusted else self._reader

    def seen(self, head: Head, peer: Peer, *, trusted: bool) -> tuple[Head, Peer]:
        """Say what a head is that came by a peer: who asked, and what the worker may believe.

        Raises Fault ``misdirected`` for a host that is not served.
        """
        if trusted and self.proxies is not None:
            fields, peer = self.proxies.resolve(head.fields, peer)
        else:
            fields = unbelieved(head.fields)
        if self._allowed.names:
            host = next((value for name, value in fields if name == "host"), "")
            if host not in self._allowed:
                raise Fault("misdirected", "this host is not served here")
        if peer.secure:
            fields = (*fields, (PROTO, "https"))
        return msgspec.structs.replace(head, fields=fields), peer
