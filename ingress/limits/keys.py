"""Whose count a call is: by address, consumer, key, header or expression.

A key is shown to operators and stands in tables as it is, so what may be secret or is long is
hashed. What is not there (no identity, no such header) is counted by address: to leave something
out is no way around a limit.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address
from typing import Final

from ingress.limits.expression import Request, reader
from ingress.limits.table import LABEL

KeyOf = Callable[[Request], str]

PATTERN: Final = r"^(all|ip|caller|consumer|key|header:[a-z0-9][a-z0-9-]{0,63})$"
OF_IDENTITY: Final = frozenset({"caller", "consumer", "key"})
"""Those that are known once authentication has said who it is."""

# Headers whose values are told to nobody.
_SECRET: Final = re.compile(r"auth|cookie|key|token|secret|password|session|signature")


def key_of(
    by: str, expression: str = "", *, each_route: bool = False, hidden: bool = False
) -> KeyOf:
    """Make the function that says whose count a call is.

    What stands in header fields is ``hidden`` where credentials have not been taken off yet: any of
    them may be one.
    """
    if expression:
        read = _by_expression(expression, _hashed if hidden else fit)
    else:
        read = _KINDS.get(by) or _by_header(by, hidden=hidden)
    if not each_route:
        return read
    return lambda request: fit(f"{read(request)} {request.call.route}")


def address(request: Request) -> str:
    """Give the caller's address; of IPv6 the /64, which is what one subscriber has."""
    text = request.call.caller.address
    return _network(text) if ":" in text else text


@lru_cache(maxsize=4096)
def fit(key: str) -> str:
    """Give the key, or its hash when it is long or not plain."""
    if len(key) <= LABEL and key.isascii() and key.isprintable():
        return key
    return _hashed(key)


@lru_cache(maxsize=4096)
def _network(text: str) -> str:
    try:
        found = IPv6Address(text.partition("%")[0])
    except ValueError:
        return fit(text)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"


def _stranger(request: Request) -> str:
    return f"ip {address(request)}"


def _everybody(_: Request) -> str:
    return "all"


def _caller(request: Request) -> str:
    identity = request.identity
    return fit(identity.id) if identity else _stranger(request)


def consumer(request: Request) -> str:
    """Give the consumer's name, or who it is that is none."""
    identity = request.identity
    return fit(identity.consumer or identity.id) if identity else _stranger(request)


def _key(request: Request) -> str:
    identity = request.identity
    return fit(identity.key or identity.id) if identity else _stranger(request)


def _hashed(value: str) -> str:
    return f"sha256:{sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _by_header(by: str, *, hidden: bool) -> KeyOf:
    name = by.removeprefix("header:")
    shown = _hashed if hidden or _SECRET.search(name) else fit

    def read(request: Request) -> str:
        for field, value in request.call.headers:
            if field == name:
                return shown(value)
        return _stranger(request)

    return read


def _by_expression(expression: str, shown: Callable[[str], str]) -> KeyOf:
    read = reader(expression)

    def key(request: Request) -> str:
        found = read(request)
        return _stranger(request) if found is None else shown(found)

    return key


_KINDS: Final = {
    "all": _everybody,
    "ip": address,
    "caller": _caller,
    "consumer": consumer,
    "key": _key,
}
