"""What is known of a consumer, of a key and of a usage plan; so it is stored and so it is told."""

from fnmatch import fnmatchcase

import msgspec


class Consumer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who calls, a person or a program.

    ``password`` is an argon2 hash, empty for none. ``disabled`` refuses all that is shown for it.
    """

    name: str
    groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    plan: str = ""
    description: str = ""
    password: str = ""
    disabled: bool = False


class Key(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An API key of a consumer, without the key itself.

    ``digest`` was made with the secret of the name ``secret``. Times are Unix seconds; ``expires``
    is 0 for never. ``replaces`` is the id of the key in whose place this one came. ``foreign``
    says that it was made elsewhere, so that its id does not stand in it.
    """

    id: str
    consumer: str
    digest: bytes
    secret: str
    created: float = 0.0
    expires: float = 0.0
    label: str = ""
    replaces: str = ""
    foreign: bool = False


class UsagePlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much the consumers on it may call, and which routes.

    ``rates`` and ``quotas`` are written as in the route file, ``100/s``; ``concurrent`` is how many
    calls at a time, 0 for any number. ``routes`` are names of routes, ``GET /v1/orders``, in which
    ``*`` stands for anything; without them it is all.
    """

    name: str
    rates: tuple[str, ...] = ()
    quotas: tuple[str, ...] = ()
    concurrent: int = 0
    routes: tuple[str, ...] = ()
    description: str = ""

    def covers(self, route: str) -> bool:
        """Whether a route of this name may be called."""
        return not self.routes or any(fnmatchcase(route, pattern) for pattern in self.routes)
