"""How many connections there are, in all and from one address."""

import resource
from collections import Counter
from contextlib import suppress
from ipaddress import IPv4Address
from typing import Final

from contracts.fault import Fault
from ingress.protection import networks

# Files that a process needs beside its connections: the broker, the journal, the store.
_OTHER_FILES: Final = 100
# An IPv6 customer has a network of so many bits, and all the addresses in it (RFC 6177).
_CUSTOMER: Final = 64


class Crowd:
    """Counts the connections of one gateway process: ``enter`` and ``leave``.

    ``most`` is the limit of all, ``most_each`` that of one address, 0 for none. An address of
    IPv6 stands for its /64.
    """

    def __init__(self, most: int = 10_000, most_each: int = 0) -> None:
        self.size = 0
        self._each: Counter[object] = Counter()
        self.set(most, most_each)

    def set(self, most: int, most_each: int) -> None:
        """Change the limits; who is in stays."""
        self.most = _with_files(most)
        self.most_each = most_each

    def enter(self, address: str, *, trusted: bool = False) -> Fault | None:
        """Count a connection in, and say why it has no place if it has none.

        Who has none is in all the same until it leaves. A ``trusted`` proxy speaks for many, so
        it is not held to the limit of one address.
        """
        self.size += 1
        self._each[_key(address)] += 1
        if self.size > self.most:
            return Fault("overloaded", "there are too many connections", retry_after=1)
        if self.most_each and not trusted and self._each[_key(address)] > self.most_each:
            detail = f"at most {self.most_each} connections from one address are accepted"
            return Fault("too_many_connections", detail)
        return None

    def leave(self, address: str) -> None:
        """Count a connection out that was counted in."""
        key = _key(address)
        self.size -= 1
        self._each[key] -= 1
        if not self._each[key]:
            del self._each[key]

    def __repr__(self) -> str:
        return f"<Crowd {self.size} of {self.most}, from {len(self._each)} addresses>"


def _key(address: str) -> object:
    read = networks.read(address)
    if read is None or isinstance(read, IPv4Address):
        return address
    return int(read) >> _CUSTOMER


def _with_files(most: int) -> int:
    """Have files for so many connections, or say how many there are files for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most if soft == resource.RLIM_INFINITY else max(1, min(most, soft - _OTHER_FILES))
