"""What the route file says of the public port."""

import pytest

from ingress import routefile
from ingress.guard.limits import USUAL
from ingress.guard.sections import ConnectionsSection
from ingress.problems import ConfigError

ROUTES = "\nroutes: [{route: GET /x, operation: a.b}]"


def parse(text: str) -> routefile.RouteFile:
    return routefile.parse((text + ROUTES).encode(), environment={})


def test_nothing_need_be_said() -> None:
    """The bounds are then those of a connection without settings, and nobody is believed."""
    file = parse("")
    said = ConnectionsSection()
    assert file.connections == said
    assert all(getattr(said, name) == getattr(USUAL, name) for name in USUAL.__struct_fields__)
    assert (file.tls, file.trusted_proxies, file.allowed_hosts) == (None, None, None)


@pytest.mark.parametrize(
    "text,message",
    [
        ("connections: {max: 0}", "connections.max"),
        ("connections: {header_timeout: 0s}", "connections.header_timeout"),
        ("connections: {max_url: 1B}", "connections.max_url"),
        ("tls: {certificate: a.pem}", "key 'key' is missing"),
        ("tls: {certificate: a.pem, key: a.key, min_version: TLS1.0}", "tls.min_version"),
        ("trusted_proxies: {networks: []}", "trusted_proxies.networks"),
        ("trusted_proxies: {networks: [10.0.0.1/8]}", "bits are set"),
        ("trusted_proxies: {networks: [10.0.0.0/8], headers: [x-real-ip]}", "headers"),
        ("allowed_hosts: []", "allowed_hosts"),
        ("allowed_hosts: ['a:80']", "a host is written"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(text: str, message: str) -> None:
    """As everything else in the file."""
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert message in str(caught.value)
