"""Whether an address is in one of many networks, in a time that does not grow with them.

RFC 4632 and RFC 4291 section 2.3 say what a prefix is. A v4 address that came by a v6 socket
(``::ffff:192.0.2.1``, RFC 4291 section 2.5.5.2) is the v4 address: a list that names the one
would else be walked around by the other.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address

_BITS: Final = {4: 32, 6: 128}
_MAPPED: Final = 96


class Networks:
    """Networks in CIDR notation: ``address in Networks(["10.0.0.0/8", "2001:db8::1"])``.

    Raises ``ValueError`` for one that is none, or that has bits behind its prefix.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)
        # By version and the bits that do not count, the numbers of the networks.
        self._numbers: dict[int, dict[int, set[int]]] = {4: {}, 6: {}}
        for text in self.texts:
            network = ip_network(text)
            version, prefix, first = network.version, network.prefixlen, network[0]
            if isinstance(first, IPv6Address) and first.ipv4_mapped and prefix >= _MAPPED:
                version, prefix, first = 4, prefix - _MAPPED, first.ipv4_mapped
            shift = _BITS[version] - prefix
            self._numbers[version].setdefault(shift, set()).add(int(first) >> shift)

    def __contains__(self, address: Address) -> bool:
        number = int(address)
        return any(
            number >> shift in numbers for shift, numbers in self._numbers[address.version].items()
        )

    def __repr__(self) -> str:
        return f"<Networks {', '.join(self.texts)}>"


@lru_cache(maxsize=4096)
def read(text: str) -> Address | None:
    """Read the address of a client; ``None`` for what is none, such as that of a Unix socket."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    # A zone says by which of our own interfaces it came (RFC 4007), not who it is.
    return address.ipv4_mapped or IPv6Address(int(address))


def check(text: str) -> str:
    """Hold a text against the notation; raises ``ValueError`` that says what to write."""
    try:
        ip_network(text)
    except ValueError:
        try:
            whole = ip_network(text, strict=False)
        except ValueError:
            raise ValueError(
                "this is no address or network, like 192.0.2.7 or 10.0.0.0/8"
            ) from None
        raise ValueError(f"bits are set behind the prefix: {whole} is the network") from None
    return text
