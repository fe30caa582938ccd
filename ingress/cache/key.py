"""Under what an answer is stored: host, path, and a part made of what a route chooses.

Pure. The part begins with the query; what else is in it is set apart by characters that neither a
query nor a field can hold.
"""

from hashlib import blake2b
from typing import Final
from urllib.parse import unquote_plus

import msgspec

from contracts.call import Call
from ingress.auth.credentials import Credentials
from ingress.auth.identity import Identity
from ingress.cache import vary
from ingress.cache.asked import CREDENTIALS, Asked
from ingress.cache.storing import Where

# Between kinds of things, and between things of a kind.
_NEXT: Final = "\n"
_AND: Final = "\x1f"


class Choice(msgspec.Struct, frozen=True):
    """What a route has in its key beside host, path and the fields that name the target.

    ``query`` lists parameters; ``None`` takes the query as it stands. ``headers`` are in lower
    case. ``caller`` keeps the answers for each caller apart, and those for nobody. ``route`` is the
    one whose answers need no mark: that of a method and a path alone. Others may have the same
    path, told apart by a header, a version or a weight, and share nothing with it. ``credentials``
    are places where who asks is shown, besides those that every cache knows.
    """

    query: tuple[str, ...] | None = None
    headers: tuple[str, ...] = ()
    caller: bool = False
    route: str = ""
    credentials: Credentials | None = None


def where(choice: Choice, call: Call, asked: Asked, identity: Identity | None) -> Where:
    """Say where the answer to a call would be."""
    part = call.query
    # A variant of the route (a canary) has answers of its own.
    variant = call.route if call.route != choice.route else ""
    shown = _shown(choice.credentials, call) if choice.credentials else []
    authenticated = identity is not None or asked.authenticated or bool(shown)
    if choice.query is not None and part:
        part = _chosen(part, choice.query)
    if asked.target or choice.headers or choice.caller or variant:
        also = _AND.join(vary.values(call.headers, choice.headers))
        who = _who(asked, identity, shown) if choice.caller else ""
        part = _NEXT.join((part, asked.target.replace("\n", _AND), also, variant, who))
    return Where(asked.host, call.path, part, authenticated, choice.caller)


def _chosen(query: str, names: tuple[str, ...]) -> str:
    """Keep the chosen parameters, in the order of their names: each as it was written."""
    pairs = [pair for pair in query.split("&") if pair.partition("=")[0] in names]
    return "&".join(sorted(pairs, key=_name))


def _name(pair: str) -> str:
    return pair.partition("=")[0]


def _shown(credentials: Credentials, call: Call) -> list[str]:
    """Give what a call has in these places: on a route that asks nobody it is still there."""
    shown = [f"{name}={value}" for name, value in call.headers if name in credentials.headers]
    if credentials.query and call.query:
        pairs = call.query.split("&")
        shown += [pair for pair in pairs if unquote_plus(_name(pair)) in credentials.query]
    return shown


def _who(asked: Asked, identity: Identity | None, also: list[str]) -> str:
    """Name the caller: as somebody found out who it is, or by what it shows."""
    if identity is not None:
        return f"{identity.scheme}{_AND}{identity.id}"
    usual = [f"{name}={asked[name]}" for name in (*sorted(CREDENTIALS), "cookie") if asked[name]]
    shown = usual + also
    return blake2b(_AND.join(shown).encode(), digest_size=16).hexdigest() if shown else ""
