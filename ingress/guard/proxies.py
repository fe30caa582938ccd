"""Who asked, where proxies that we trust stand between.

Each proxy adds the address that it was asked by to the right of a list, so the list is believed
from its right end, and only as long as it was a proxy of ours that wrote: the first address that
is none is the client. What stands further left a client may have made up.

RFC 7239 is ``Forwarded``. The names that begin with ``X-Forwarded`` have no standard and all the
use. Which of them the proxies write is said in the route file, for those that they do not write
they hand on, whoever wrote them.
"""

import re
from collections.abc import Iterable
from typing import Final

from contracts.call import Caller
from ingress.guard import hosts
from ingress.guard.peer import Peer
from ingress.protection.networks import Address, Networks, read

FORWARDED: Final = "forwarded"
FOR: Final = "x-forwarded-for"
PROTO: Final = "x-forwarded-proto"
HOST: Final = "x-forwarded-host"
HEADERS: Final = (FORWARDED, FOR, PROTO, HOST)
# What nobody hands on unseen, for workers would believe it.
CLAIMS: Final = frozenset({*HEADERS, "x-forwarded-port", "x-forwarded-by", "x-real-ip"})

Pairs = tuple[tuple[str, str], ...]

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_VALUE: Final = rf'(?:{_WORD}|"(?:[^"\\]|\\.)*")'
_PAIR: Final = re.compile(rf"({_WORD})=({_VALUE})")
_ELEMENT: Final = re.compile(rf"[ \t]*{_WORD}={_VALUE}(?:[ \t]*;[ \t]*{_WORD}={_VALUE})*[ \t]*")
# RFC 7239 section 6: an address, of IPv6 in brackets, with a port or without.
_NODE: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::[0-9]{1,5})?")
# Proxies in a row. Nobody has so many, and each costs time.
_MOST: Final = 32


class Proxies:
    """The proxies that are trusted, and what they write.

    ``headers`` are of :data:`HEADERS`; ``forwarded`` and ``x-forwarded-for`` exclude each other.
    """

    def __init__(self, trusted: Iterable[str] = (), headers: Iterable[str] = (FOR, PROTO)) -> None:
        self._networks = Networks(trusted)
        self._headers = frozenset(headers)

    def trust(self, address: str) -> bool:
        """Say whether one of them has this address."""
        known = read(address)
        return known is not None and known in self._networks

    def resolve(self, fields: Pairs, peer: Peer) -> tuple[Pairs, Peer]:
        """Say who asked, and what of the fields is left; ``peer`` is the proxy that we talk to."""
        said: dict[str, list[str]] = {}
        for name, value in fields:
            if name in self._headers:
                said.setdefault(name, []).append(value)
        address, proto, host = peer.caller.address, "", ""
        if FORWARDED in self._headers:
            address, proto, host = self._by_standard(", ".join(said.get(FORWARDED, ())), address)
        elif FOR in said:
            address = self._nearest(", ".join(said[FOR]), address)
        proto = proto or _last(said.get(PROTO))
        host = host or _last(said.get(HOST))
        secure = proto == "https" if proto in {"http", "https"} else peer.secure
        seen = Peer(Caller(address=address), secure, peer.certificate)
        return _without_claims(fields, host if hosts.well_formed(host) else ""), seen

    def _nearest(self, written: str, address: str) -> str:
        """Give the first address from the right that is no proxy's."""
        for text in reversed(written.rsplit(",", _MOST)[-_MOST:]):
            node = _node(text.strip(" \t"))
            if node is None:
                # Who wrote this is a proxy of ours, and did not know by whom it was asked.
                return address
            address = str(node)
            if node not in self._networks:
                return address
        return address

    def _by_standard(self, written: str, address: str) -> tuple[str, str, str]:
        """Give address, scheme and host by the element that the outermost of our proxies wrote."""
        proto = host = ""
        for _ in range(_MOST):
            written, element = _cut(written)
            pairs = {name.lower(): _unquoted(value) for name, value in _PAIR.findall(element)}
            if not pairs:
                break
            proto, host = pairs.get("proto", proto).lower(), pairs.get("host", host)
            node = _node(pairs.get("for", ""))
            if node is None:
                break
            address = str(node)
            if node not in self._networks:
                break
        return address, proto, host

    def __repr__(self) -> str:
        return f"<Proxies {', '.join(self._networks.texts) or 'none'}>"


def unbelieved(fields: Pairs) -> Pairs:
    """Take out what a client that is no proxy of ours says of where it comes from."""
    return tuple([field for field in fields if field[0] not in CLAIMS])


def _without_claims(fields: Pairs, host: str) -> Pairs:
    """Take out what proxies said, and put the host that the client asked for in its place."""
    if not host:
        return unbelieved(fields)
    kept = unbelieved(tuple([field for field in fields if field[0] != "host"]))
    return (("host", host), *kept)


def _cut(written: str) -> tuple[str, str]:
    """Cut the last element off a list; a comma inside of quotes ends none.

    From the right, for a quote that a client left open would swallow what stands behind it.
    """
    at = len(written)
    for _ in range(_MOST):
        at = written.rfind(",", 0, at)
        if _ELEMENT.fullmatch(written, at + 1):
            return written[: max(at, 0)], written[at + 1 :]
        if at < 0:
            break
    return "", ""


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _node(text: str) -> Address | None:
    """Read a node; ``None`` for a name that hides one, and for nonsense."""
    said = _NODE.fullmatch(text)
    return read(text) if said is None else read(said[1] or said[2])


def _last(values: list[str] | None) -> str:
    """Give what the nearest proxy wrote."""
    return values[-1].rpartition(",")[2].strip(" \t").lower() if values else ""
