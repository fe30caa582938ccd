"""The kinds of authenticators, and what each is built from."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from contracts.call import Call, Reply
from contracts.fault import Fault
from contracts.stores.memory import MemoryStore
from contracts.stores.port import Store
from ingress.auth.basic.authenticator import BasicAuthenticator
from ingress.auth.forward import build as forward
from ingress.auth.forward.operation import Ask
from ingress.auth.introspection import build as introspection
from ingress.auth.jwt import build as jwt
from ingress.auth.key.authenticator import KeyAuthenticator
from ingress.auth.mtls import build as mtls
from ingress.auth.port import Authenticator
from ingress.auth.signature import build as signature
from ingress.consumers.directory import Directory


async def reach_nobody(_call: Call, _within: float) -> Reply:
    """Answer as if the broker were away: for who serves nothing."""
    return Reply.of_fault(Fault("broker_down"))


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What an authenticator may use of the gateway.

    ``folder`` is that of the route file, for paths that are relative to it. ``ask`` sends a call to
    an operation; who serves nothing reaches none.
    """

    directory: Directory
    folder: Path = Path()
    store: Store | None = None
    ask: Ask = reach_nobody


# Makes an authenticator of its name and its section; raises ValueError with a sentence for what is
# wrong and could not be seen before. Called without an event loop.
Build = Callable[[str, Any, Parts], Authenticator]

KINDS: Final[Mapping[str, Build]] = {
    "key": lambda name, section, parts: KeyAuthenticator(name, section, parts.directory),
    "basic": lambda name, section, parts: BasicAuthenticator(name, section, parts.directory),
    "jwt": lambda name, section, parts: jwt.build(name, section, parts.directory, parts.folder),
    "introspection": lambda name, section, parts: introspection.build(
        name, section, parts.directory
    ),
    "forward_auth": lambda name, section, parts: forward.build(
        name, section, parts.directory, parts.ask
    ),
    "mtls": lambda name, section, parts: mtls.build(name, section, parts.directory),
    "signature": lambda name, section, parts: signature.build(
        name, section, parts.directory, parts.folder, parts.store or MemoryStore()
    ),
}
