"""Finds the Plan for a request, in a time that does not grow with the routes.

A path without parameters is one dict lookup; the others walk a trie of dicts.

What matches:

- The host first: routes of the very host, then those of ``*.`` above it, the
  longest first, then those for all hosts.
- A literal beats a parameter, a parameter of a kind one that takes all, and
  those a tail ``{rest...}``, from left to right. The first match in that order
  that offers the method, and whose conditions hold, wins.
- At one path, the method itself wins, then GET for a HEAD (RFC 9110 section
  9.3.2), then ANY. For one method, routes with conditions are tried in the
  order of their rank, and the one without comes last.
- A trailing slash counts: ``/a`` and ``/a/`` are different paths. A route may
  ask that the other one be sent on to it.
- Segments are split before they are percent-decoded (RFC 3986 section 2.4),
  so ``%2F`` stays inside a parameter, and ``%61`` is an ``a`` (section 6.2.2.2).
  What is not UTF-8 is refused. Letters of either case are different (6.2.2.1).
- Dot segments are refused with 400 rather than resolved: a client resolves
  them before it sends (RFC 3986 section 5.2.4), so here they are an attempt to
  be understood differently by two readers. In a tail, where segments are
  joined again, an encoded slash cannot smuggle one in either.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from contracts.call import NO_PARAMS, Reply
from contracts.fault import Fault
from ingress.pattern import parse
from ingress.plan import Plan
from ingress.policies.port import Early
from ingress.routing import hosts, slash
from ingress.routing.asked import NOTHING, Asked
from ingress.routing.leaf import Leaf, refusal
from ingress.routing.path import split
from ingress.routing.table import Match, Table

_NO_CONTENT: Final = 204


class Router:
    """Matches requests to Plans; immutable once made.

    ``strangers`` have a say in the answers to what meets no plan.

    Raises ``ValueError`` for two plans that take the same requests; the route
    file is checked for that before.
    """

    def __init__(self, plans: Iterable[Plan], strangers: Iterable[Early] = ()) -> None:
        self.plans = tuple(plans)
        self.strangers = tuple(strangers)
        self._hosts: dict[str, Table] = {}
        self._everywhere = Table()
        self._only = (self._everywhere,)
        declared = [(plan, parse(f"{plan.method} {plan.pattern}")) for plan in self.plans]
        for plan, pattern in declared:
            for table in self._tables_of(plan):
                table.put(plan, pattern)
        for plan, pattern in slash.others(declared):
            for table in self._tables_of(plan):
                table.put_beside(plan, pattern)
        bound = Table(*(pair for pair in declared if pair[0].hosts))
        self._static = self._everywhere.without_conditions(unless=bound)

    def match(self, method: str, path: str, asked: Asked = NOTHING) -> Match:
        """Give the Plan for a request and its path parameters, decoded.

        ``path`` is the path as sent, percent-encoded and without the query.

        Raises Fault ``not_found``; ``method_not_allowed`` with an ``Allow``
        header (RFC 9110 section 10.2.1); ``unsupported_media_type`` with an
        ``Accept`` (section 12.5.1) where only the content type does not fit;
        ``invalid_request`` for a path that is not well-formed.
        """
        leaf = self._static.get(path)
        if leaf is not None:
            found = leaf.pick(method)
            if found is not None:
                return found[0], NO_PARAMS
        segments = split(path)
        met: list[Leaf] = []
        for table in self._tables(asked) if self._hosts else self._only:
            match = table.find(method, segments, asked, met)
            if match is not None:
                return match
        raise refusal(method, met, asked)

    def _tables_of(self, plan: Plan) -> list[Table]:
        if not plan.hosts:
            return [self._everywhere]
        return [self._hosts.setdefault(host, Table()) for host in plan.hosts]

    def _tables(self, asked: Asked) -> Iterator[Table]:
        field = next((value for name, value in asked.fields if name == "host"), "")
        for name in hosts.ladder(hosts.of(field)):
            table = self._hosts.get(name)
            if table is not None:
                yield table
        yield self._everywhere

    def __repr__(self) -> str:
        return f"<Router {len(self.plans)} routes, {len(self._static)} paths without parameters>"


def automatic(method: str, fault: Fault) -> Reply | None:
    """Give the answer to an OPTIONS that no route declares, for what ``match`` raised.

    204 with ``Allow`` (RFC 9110 section 9.3.7); ``None`` for anything else.
    """
    if method != "OPTIONS" or fault.code != "method_not_allowed":
        return None
    return Reply(status=_NO_CONTENT, headers=fault.headers)
