"""What a rule asks of a caller or of a request, one condition a key of the route file.

Each says in words what it asks, and what to tell a caller who does not meet it: what is missing,
where it is his to know, and never what would have been right of a claim or a network.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from contracts.call import Call
from ingress.auth.identity import Identity
from ingress.authz.expression import Expression
from ingress.authz.sections import RuleSection
from ingress.protection.networks import Networks, read

Met = Callable[[Identity | None, Call], bool]


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that must be so.

    ``met`` raises where it cannot tell. ``of`` is what has to be known to tell: ``caller``,
    ``address`` or ``request``. ``scope`` is what a challenge asks for (RFC 6750 section 3).
    """

    words: str
    lacking: str
    met: Met
    of: str = "caller"
    scope: str = ""


def known(identity: Identity | None, _: Call) -> bool:
    """Whether somebody checked who is calling."""
    return identity is not None


KNOWN: Final = Condition(
    words="a caller who is known", lacking="this needs a caller who is known", met=known
)


def conditions(rule: RuleSection) -> tuple[Condition, ...]:
    """Compile a rule; what costs least to look at is first."""
    found = []
    if rule.ip:
        found.append(_ip(rule.ip))
    if rule.scopes:
        found += [_scope(scope) for scope in rule.scopes]
    if rule.any_scope:
        found.append(_any_scope(rule.any_scope))
    for what in ("role", "group"):
        if names := getattr(rule, f"{what}s"):
            found.append(_one_of(what, names))
    if rule.consumers:
        found.append(_consumer(rule.consumers))
    for name, values in (rule.claims or {}).items():
        found.append(_claim(name, values))
    if rule.when is not None:
        found.append(_when(Expression(rule.when)))
    return tuple(found)


def _scope(scope: str) -> Condition:
    return Condition(
        words=f"the scope {scope}",
        lacking=f"the scope {scope} is missing",
        met=lambda identity, _: identity is not None and scope in identity.scopes,
        scope=scope,
    )


def _any_scope(scopes: Sequence[str]) -> Condition:
    names = _or(scopes)
    wanted = frozenset(scopes)
    return Condition(
        words=f"the scope {names}",
        lacking=f"the scope {names} is missing",
        met=lambda identity, _: identity is not None and not wanted.isdisjoint(identity.scopes),
        scope=" ".join(scopes),
    )


def _one_of(what: str, given: Sequence[str]) -> Condition:
    wanted, attribute = frozenset(given), f"{what}s"
    return Condition(
        words=f"the {what} {_or(given)}",
        lacking=f"the {what} {_or(given)} is missing",
        met=lambda identity, _: (
            identity is not None and not wanted.isdisjoint(getattr(identity, attribute))
        ),
    )


def _consumer(names: Sequence[str]) -> Condition:
    wanted = frozenset(names)
    return Condition(
        words=f"the consumer {_or(names)}",
        lacking="this consumer may not call it",
        met=lambda identity, _: identity is not None and identity.consumer in wanted,
    )


def _claim(name: str, values: Sequence[Any]) -> Condition:
    # True is 1 to Python, and not to whoever wrote the rule.
    wanted = frozenset((type(value), value) for value in values)

    def met(identity: Identity | None, _: Call) -> bool:
        if identity is None:
            return False
        said = identity.claims.get(name)
        listed = said if isinstance(said, list | tuple) else (said,)
        return any(isinstance(one, _SIMPLE) and (type(one), one) in wanted for one in listed)

    return Condition(
        words=f"the claim {name} is {_or(values)}",
        lacking=f"the claim {name} is not what it has to be",
        met=met,
    )


_SIMPLE: Final = (str, int, bool)


def _ip(texts: Sequence[str]) -> Condition:
    networks = Networks(texts)

    def met(_: Identity | None, call: Call) -> bool:
        address = read(call.caller.address)
        return address is not None and address in networks

    return Condition(
        words=f"an address in {_or(texts)}",
        lacking="this address may not call it",
        met=met,
        of="address",
    )


def _when(expression: Expression) -> Condition:
    return Condition(
        words=f"when {expression.source}",
        lacking="a condition of this route is not met",
        met=expression.holds,
        of="request",
    )


def _or(values: Sequence[Any]) -> str:
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"
