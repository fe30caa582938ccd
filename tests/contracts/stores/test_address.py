import pytest

from contracts.stores.address import check, read


@pytest.mark.parametrize(
    "url, where, settings",
    [
        ("memory://", "memory://", {}),
        ("memory://?max_bytes=2000000", "memory://", {"max_bytes": 2_000_000}),
        ("sqlite:state.sqlite", "sqlite:state.sqlite", {}),
        ("sqlite:/var/x.db?timeout=0.5", "sqlite:/var/x.db", {"timeout": 0.5}),
        ("redis://h:1/2?prefix=a:b&timeout=2", "redis://h:1/2", {"prefix": "a:b", "timeout": 2}),
        ("rediss://u:p@h/0?ssl_ca_certs=/x", "rediss://u:p@h/0?ssl_ca_certs=%2Fx", {}),
        ("unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1", {}),
    ],
)
def test_an_address_is_read(url: str, where: str, settings: dict[str, object]) -> None:
    """Our settings are taken out of an address, the others are left."""
    assert read(url) == (where, settings)
    assert check(url) == url


@pytest.mark.parametrize(
    "url, complaint",
    [
        ("", "a store is"),
        ("postgres://secret@h", "a store is"),
        ("sqlite:", "a store is"),
        ("sqlite:x?colour=secret", "no setting 'colour'"),
        ("memory://?prefix=x", "no setting 'prefix'"),
        ("memory://?max_bytes=1", "max_bytes"),
        ("redis://h?timeout=0", "timeout"),
        ("redis://h?timeout=secret", "timeout"),
        ("redis://h?prefix=", "prefix"),
        ("redis://:secret@", "host and port"),
        ("redis://:secret@h:99999", "host and port"),
    ],
)
def test_what_is_no_address_is_told(url: str, complaint: str) -> None:
    """An address that cannot be used is refused with a sentence that holds no password."""
    with pytest.raises(ValueError, match=complaint) as refusal:
        check(url)
    assert "secret" not in str(refusal.value)
