"""What one connection has to do with."""

import pytest

from contracts.call import Caller
from contracts.fault import Fault
from ingress.guard.entrance import Entrance
from ingress.guard.peer import Peer
from ingress.guard.proxies import HOST, Proxies
from ingress.head import Head

PEER = Peer(Caller(address="10.0.0.1"))
REQUEST = (
    b"GET /x HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: 203.0.113.7\r\n"
    b"X-Forwarded-Proto: https\r\n\r\n"
)


def read(entrance: Entrance, *, trusted: bool) -> Head:
    head = entrance.reader(trusted=trusted).read(REQUEST)
    assert head is not None
    return head


def test_a_stranger_is_not_believed_where_it_comes_from() -> None:
    """By neither way: what it says of it is gone from the head."""
    entrance = Entrance(proxies=Proxies(["10.0.0.0/8"]))
    head = read(entrance, trusted=False)
    assert head.fields == (("host", "shop.example"),)
    claiming = read(entrance, trusted=True)
    assert entrance.seen(claiming, PEER, trusted=False) == (head, PEER)


def test_a_proxy_is_believed_who_asked() -> None:
    """The worker is told of HTTPS by the one field that it may believe."""
    entrance = Entrance(proxies=Proxies(["10.0.0.0/8"]))
    head, peer = entrance.seen(read(entrance, trusted=True), PEER, trusted=True)
    assert (peer.caller.address, peer.secure) == ("203.0.113.7", True)
    assert head.fields == (("host", "shop.example"), ("x-forwarded-proto", "https"))


def test_a_host_that_is_not_served_is_unusual_and_refused() -> None:
    """The short way leaves it to the long one, which refuses it."""
    entrance = Entrance(hosts=["other.example"])
    assert entrance.reader(trusted=False).read(REQUEST) is None
    with pytest.raises(Fault) as caught:
        entrance.seen(read(Entrance(), trusted=False), PEER, trusted=False)
    assert caught.value.code == "misdirected"


def test_behind_a_proxy_the_host_that_counts_is_the_one_that_was_asked_for() -> None:
    """Its own name for us is not in the list, and need not be."""
    proxies = Proxies(["10.0.0.0/8"], [HOST])
    entrance = Entrance(proxies=proxies, hosts=["asked.example"])
    head = read(entrance, trusted=True)
    asked = Head(**{name: getattr(head, name) for name in head.__struct_fields__})
    with pytest.raises(Fault):
        entrance.seen(asked, PEER, trusted=True)
    reader = entrance.reader(trusted=True)
    other = reader.read(
        REQUEST.replace(b"X-Forwarded-Proto: https", b"X-Forwarded-Host: asked.example")
    )
    assert other is not None
    seen, _ = entrance.seen(other, PEER, trusted=True)
    assert seen.fields == (("host", "asked.example"),)
