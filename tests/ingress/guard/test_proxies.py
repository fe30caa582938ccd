"""Who asked, where proxies that we trust stand between: no client can say it is another."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.call import Caller
from ingress.guard.peer import Peer
from ingress.guard.proxies import CLAIMS, FOR, FORWARDED, HEADERS, HOST, PROTO, Proxies, unbelieved

PEER = Peer(Caller(address="10.0.0.1"))
OURS = ("10.0.0.0/8", "2001:db8:1::/48")


def seen(
    *fields: tuple[str, str], headers: tuple[str, ...] = (FOR, PROTO, HOST)
) -> tuple[str, bool, str]:
    """Resolve fields; gives address, whether it is secure, and the host."""
    kept, peer = Proxies(OURS, headers).resolve((("host", "inside"), *fields), PEER)
    assert not CLAIMS & {name for name, _ in kept}
    return peer.caller.address, peer.secure, dict(kept)["host"]


@pytest.mark.parametrize(
    "written,address",
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("1.1.1.1, 203.0.113.7, 10.0.0.2,10.9.9.9", "203.0.113.7"),
        ("10.0.0.3, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:5000", "203.0.113.7"),
        ("2001:db8:2::1", "2001:db8:2::1"),
        ("[2001:db8:2::1]:443, 2001:db8:1::5", "2001:db8:2::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("", "10.0.0.1"),
        ("unknown", "10.0.0.1"),
        ("203.0.113.7, unknown", "10.0.0.1"),
        ("203.0.113.7, unknown, 10.0.0.2", "10.0.0.2"),
        ("203.0.113.7,", "10.0.0.1"),
        ("203.0.113.7;10.0.0.2", "10.0.0.1"),
        ("0x7f.1, 203.0.113.7", "203.0.113.7"),
        ("a" * 9000, "10.0.0.1"),
        ("203.0.113.7" + ", 10.0.0.2" * 40, "10.0.0.2"),
    ],
)
def test_the_first_from_the_right_that_is_no_proxy_asked(written: str, address: str) -> None:
    """What stands further left a client may have made up; what is no address ends the search."""
    assert seen((FOR, written))[0] == address


def test_a_list_may_be_in_several_fields() -> None:
    """RFC 9110 section 5.3: their order is that of the list."""
    assert seen((FOR, "1.1.1.1"), (FOR, "203.0.113.7, 10.0.0.2"))[0] == "203.0.113.7"
    assert seen((FOR, "203.0.113.7"), (FOR, "10.0.0.2"))[0] == "203.0.113.7"


@pytest.mark.parametrize(
    "written,expected",
    [
        ("for=203.0.113.7", ("203.0.113.7", False, "inside")),
        ("for=203.0.113.7;proto=https;host=shop.example", ("203.0.113.7", True, "shop.example")),
        ('For="203.0.113.7:81" ; PROTO=HTTPS', ("203.0.113.7", True, "inside")),
        ('for="[2001:db8:2::1]:80"', ("2001:db8:2::1", False, "inside")),
        (
            "for=1.1.1.1;host=evil, for=203.0.113.7;proto=https;host=a, for=10.0.0.2;proto=http",
            ("203.0.113.7", True, "a"),
        ),
        ("for=1.1.1.1;proto=https, for=203.0.113.7", ("203.0.113.7", False, "inside")),
        ("for=_hidden", ("10.0.0.1", False, "inside")),
        ("for=203.0.113.7, for=unknown", ("10.0.0.1", False, "inside")),
        ('for="open, for=203.0.113.7', ("203.0.113.7", False, "inside")),
        ('x="a, for=1.1.1.1", for=203.0.113.7;x="b,c"', ("203.0.113.7", False, "inside")),
        ("for=203.0.113.7, nonsense", ("10.0.0.1", False, "inside")),
        ("for=203.0.113.7, ;", ("10.0.0.1", False, "inside")),
        ("by=10.0.0.1", ("10.0.0.1", False, "inside")),
        ('for=203.0.113.7;host="a b"', ("203.0.113.7", False, "inside")),
    ],
)
def test_the_standard_is_read_from_the_right_as_well(
    written: str, expected: tuple[str, bool, str]
) -> None:
    """RFC 7239: the element of the outermost proxy of ours tells address, scheme and host."""
    assert seen((FORWARDED, written), headers=(FORWARDED,)) == expected


def test_scheme_and_host_are_what_the_nearest_proxy_wrote() -> None:
    """A word that is no scheme, or no host, says nothing."""
    assert seen((PROTO, "https"), (HOST, "shop.example")) == ("10.0.0.1", True, "shop.example")
    assert seen((PROTO, "https, http"), (HOST, "evil, shop.example"))[1:] == (False, "shop.example")
    assert seen((PROTO, "ftp"), (HOST, "a b")) == ("10.0.0.1", False, "inside")


def test_a_proxy_that_does_not_tell_the_scheme_is_taken_for_the_client() -> None:
    """Then what it asked by itself counts; what it tells counts more."""
    peer = Peer(Caller(address="10.0.0.1"), secure=True)
    proxies = Proxies(OURS, (FOR, PROTO))
    for fields, secure in [((), True), (((PROTO, "ftp"),), True), (((PROTO, "http"),), False)]:
        assert proxies.resolve(fields, peer)[1].secure is secure


def test_a_field_that_the_proxies_only_hand_on_is_not_believed() -> None:
    """It is the client's word, and reaches nobody."""
    claimed = ((FORWARDED, "for=1.1.1.1"), (HOST, "evil"), (PROTO, "https"), ("x-real-ip", "1"))
    assert seen(*claimed, (FOR, "203.0.113.7"), headers=(FOR,)) == ("203.0.113.7", False, "inside")


def test_of_a_stranger_nothing_is_believed() -> None:
    """Nor handed on, for a worker might."""
    fields = (("a", "b"), *((name, "x") for name in sorted(CLAIMS)))
    assert unbelieved(fields) == (("a", "b"),)
    assert Proxies(OURS).trust("10.1.2.3")
    assert not Proxies(OURS).trust("11.1.2.3")
    assert not Proxies().trust("10.1.2.3")
    assert not Proxies(OURS).trust("")


CLIENT = "203.0.113.7"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_nothing_that_a_client_says_changes_its_address(said: str) -> None:
    """The proxy adds the true one at the right, in whatever a client had sent."""
    for separator in (", ", ",", " , "):
        assert seen((FOR, f"{said}{separator}{CLIENT}"))[0] == CLIENT
        written = f'{said}{separator}for={CLIENT};proto=http;host="a"'
        assert seen((FORWARDED, written), headers=(FORWARDED,)) == (CLIENT, False, "a")
    assert seen((FOR, said), (FOR, CLIENT))[0] == CLIENT


@given(st.dictionaries(st.sampled_from(HEADERS), st.text(max_size=60)))
def test_any_text_gives_an_address(said: dict[str, str]) -> None:
    """Nothing is raised, and what comes out can be one."""
    for headers in ((FOR, PROTO, HOST), (FORWARDED,)):
        ipaddress.ip_address(seen(*said.items(), headers=headers)[0])
