"""The consumers of a route file, as the directory holds them."""

from collections.abc import Iterator, Mapping

from ingress.consumers import moment, token
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Known
from ingress.consumers.records import Consumer, Key, UsagePlan
from ingress.consumers.sections import ConsumerSection, UsagePlanSection

Consumers = Mapping[str, ConsumerSection]
Plans = Mapping[str, UsagePlanSection]


def known(consumers: Consumers, plans: Plans, digests: Digests) -> Known:
    """Read the sections; keys become digests and are not kept."""
    return Known(
        consumers=tuple(_consumer(name, section) for name, section in consumers.items()),
        keys=tuple(
            key for name, section in consumers.items() for key in _keys(name, section, digests)
        ),
        plans=tuple(_plan(name, section) for name, section in plans.items()),
    )


def _plan(name: str, section: UsagePlanSection) -> UsagePlan:
    return UsagePlan(
        name=name,
        rates=section.rates,
        quotas=section.quotas,
        concurrent=section.concurrent or 0,
        routes=section.routes,
        description=section.description or "",
    )


def _consumer(name: str, section: ConsumerSection) -> Consumer:
    return Consumer(
        name=name,
        groups=section.groups,
        scopes=section.scopes,
        roles=section.roles,
        plan=section.plan or "",
        description=section.description or "",
        password=section.password or "",
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
