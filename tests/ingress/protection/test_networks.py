"""Networks in CIDR notation."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingress.protection import networks
from ingress.protection.networks import Networks, read

ADDRESSES = st.ip_addresses()


@st.composite
def around(draw: st.DrawFn) -> str:
    """A network of any length around some address."""
    address = draw(ADDRESSES)
    length = draw(st.integers(0, address.max_prefixlen))
    return str(ipaddress.ip_network(f"{address}/{length}", strict=False))


def holds(text: str, address: networks.Address) -> bool:
    """Ask one network; one of v4 addresses inside of v6 ones holds the v4 ones."""
    network = ipaddress.ip_network(text)
    first = network[0]
    if isinstance(first, ipaddress.IPv6Address) and first.ipv4_mapped and network.prefixlen >= 96:
        return address.version == 4 and ipaddress.ip_address(f"::ffff:{address}") in network
    return address in network


@example(["::ffff:0:0/96"], ipaddress.ip_address("0.0.0.0"))
@given(st.lists(around(), max_size=8), ADDRESSES)
def test_an_address_is_in_them_when_it_is_in_one_of_them(
    texts: list[str], address: networks.Address
) -> None:
    """It gives what asking each network would give."""
    seen = read(str(address))
    assert seen is not None
    assert (seen in Networks(texts)) == any(holds(text, seen) for text in texts)


@pytest.mark.parametrize(
    "text, seen",
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:c000:207", "192.0.2.7"),
        ("2001:db8::1%eth0", "2001:db8::1"),
        ("", None),
        ("unix:", None),
        ("192.0.2.07", None),
        ("1.2.3", None),
    ],
)
def test_an_address_is_read_as_what_it_stands_for(text: str, seen: str | None) -> None:
    """A v4 address inside of a v6 one is the v4 address; what is none is nobody's."""
    assert read(text) == (ipaddress.ip_address(seen) if seen else None)


def test_a_mapped_network_is_the_network_that_is_mapped() -> None:
    """Who writes the list in the other notation means the same hosts."""
    listed = Networks(["::ffff:10.0.0.0/104"])
    assert ipaddress.ip_address("10.1.2.3") in listed
    assert ipaddress.ip_address("11.1.2.3") not in listed


@pytest.mark.parametrize(
    "text, hint",
    [
        ("10.0.0.1/8", "10.0.0.0/8 is the network"),
        ("ten", "no address or network"),
        ("1.0.0.0/33", "no address or network"),
    ],
)
def test_what_is_no_network_is_refused_with_what_to_write(text: str, hint: str) -> None:
    """Bits behind the prefix are a slip: nobody knows which of the two was meant."""
    with pytest.raises(ValueError, match=hint):
        networks.check(text)


def test_it_shows_what_it_was_made_of() -> None:
    """Operators read it."""
    assert repr(Networks(["10.0.0.0/8", "::1"])) == "<Networks 10.0.0.0/8, ::1>"
    assert networks.check("::1") == "::1"
