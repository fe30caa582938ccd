"""What is known of a consumer, of a key and of a usage plan; so it is stored and so it is told."""

from typing import Any

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

    ``amounts`` are rates and quotas as the route file writes them. Without ``routes`` it is all.
    """

    name: str
    amounts: dict[str, Any] = msgspec.field(default_factory=dict)
    routes: tuple[str, ...] = ()
    description: str = ""
