"""Joins who somebody is with what is known of the consumer that they are."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from ingress.auth.identity import Identity
from ingress.auth.refusal import Refused


class Consumer(Protocol):
    """What is known of a consumer."""

    @property
    def groups(self) -> Sequence[str]:
        """Its groups."""
        ...

    @property
    def scopes(self) -> Sequence[str]:
        """What it may do."""
        ...

    @property
    def roles(self) -> Sequence[str]:
        """Its roles."""
        ...

    @property
    def plan(self) -> str:
        """Its usage plan, empty for none."""
        ...

    @property
    def disabled(self) -> bool:
        """Whether nothing that is shown for it counts."""
        ...


class Directory(Protocol):
    """Who is known; ``generation`` grows with each change."""

    @property
    def generation(self) -> int:
        """How often it changed."""
        ...

    def consumer(self, name: str) -> Consumer | None:
        """Give what is known of a consumer."""
        ...


class Membership:
    """Asks the directory about a name that a credential proves."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    @property
    def generation(self) -> int:
        """Grows when what was said may not hold any more."""
        return self._directory.generation

    def join(self, identity: Identity, name: str, *, scopes: bool = False) -> Identity:
        """Add the consumer's groups, roles and usage plan; its scopes only if told to.

        A token that was issued for less must not gain what its holder may do otherwise. Raises
        ``Refused`` for a consumer that is not known, or disabled.
        """
        consumer = self._directory.consumer(name)
        if consumer is None:
            raise Refused("the consumer is not known here")
        if consumer.disabled:
            raise Refused("the consumer is disabled")
        return msgspec.structs.replace(
            identity,
            consumer=name,
            groups=_both(identity.groups, consumer.groups),
            roles=_both(identity.roles, consumer.roles),
            scopes=_both(identity.scopes, consumer.scopes) if scopes else identity.scopes,
            plan=consumer.plan,
        )


def _both(own: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*own, *more)))
