"""The consumers of a route file, as the directory holds them."""

from collections.abc import Iterator, Mapping

from ingress.consumers import moment, token
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Known
from ingress.consumers.records import Consumer, Key
from ingress.consumers.sections import ConsumerSection


def known(consumers: Mapping[str, ConsumerSection], digests: Digests) -> Known:
    """Read the sections; keys become digests and are not kept."""
    return Known(
        consumers=tuple(_consumer(name, section) for name, section in consumers.items()),
        keys=tuple(
            key for name, section in consumers.items() for key in _keys(name, section, digests)
        ),
    )


def _consumer(name: str, section: ConsumerSection) -> Consumer:
    return Consumer(
        name=name,
        groups=section.groups,
        scopes=section.scopes,
        roles=section.roles,
        description=section.description or "",
        disabled=section.disabled,
    )


def _keys(name: str, section: ConsumerSection, digests: Digests) -> Iterator[Key]:
    for number, said in enumerate(section.keys, 1):
        text = said if isinstance(said, str) else said.key
        called = None if isinstance(said, str) else said.id
        expires = None if isinstance(said, str) else said.expires
        ours = token.is_sound(text)
        yield Key(
            id=token.id_of(text) if ours else called or f"{name}-{number}",
            consumer=name,
            digest=digests.make(text),
            secret=digests.name,
            expires=moment.read(expires) if expires else 0.0,
            label=called or "",
            foreign=not ours,
        )
