"""Finds the Plan for a method and a path, in a time that does not grow with the routes.

A path without parameters is one dict lookup; the others walk a trie of dicts.

What matches:

- A literal beats a parameter, and a parameter beats a tail ``{rest...}``, from
  left to right. The first match in that order that offers the method wins.
- At one path, the method itself wins, then GET for a HEAD (RFC 9110 section
  9.3.2), then ANY.
- A trailing slash counts: ``/a`` and ``/a/`` are different paths.
- Segments are split before they are percent-decoded (RFC 3986 section 2.4),
  so ``%2F`` stays inside a parameter. What is not UTF-8 is refused.
- Dot segments are refused with 400 rather than resolved: a client resolves
  them before it sends (RFC 3986 section 5.2.4), so here they are an attempt to
  be understood differently by two readers. In a tail, where segments are
  joined again, an encoded slash cannot smuggle one in either.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from contracts.call import NO_PARAMS, Reply
from contracts.fault import Fault
from ingress.pattern import ANY, Pattern, parse
from ingress.plan import Plan
from ingress.policies.port import Early

_MALFORMED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DOTS: Final = frozenset({".", ".."})
_NO_CONTENT: Final = 204

Match = tuple[Plan, Mapping[str, str]]


class Router:
    """Matches requests to Plans; immutable once made.

    ``strangers`` have a say in the answers to what meets no plan.

    Raises ``ValueError`` for two plans that take the same requests; the route
    file is checked for that before.
    """

    def __init__(self, plans: Iterable[Plan], strangers: Iterable[Early] = ()) -> None:
        self._static: dict[str, _Leaf] = {}
        self._root = _Node()
        self.plans = tuple(plans)
        self.strangers = tuple(strangers)
        for plan in self.plans:
            self._add(plan, parse(f"{plan.method} {plan.pattern}"))

    def match(self, method: str, path: str) -> Match:
        """Give the Plan for a request and its path parameters, decoded.

        ``path`` is the path as sent, percent-encoded and without the query.

        Raises Fault ``not_found``; ``method_not_allowed`` with an ``Allow``
        header (RFC 9110 section 10.2.1); ``invalid_request`` for a path that
        is not well-formed.
        """
        leaf = self._static.get(path)
        if leaf is not None:
            found = leaf.pick(method)
            if found is not None:
                return found[0], NO_PARAMS
        segments = _segments(path)
        met: list[_Leaf] = []
        match = self._root.find(method, segments, 0, (), met)
        if match is not None:
            return match
        if not met:
            raise Fault("not_found", "no route takes this path")
        allow = ", ".join(dict.fromkeys(name for leaf in met for name in leaf.allow()))
        raise Fault("method_not_allowed", f"this path takes {allow}", headers=(("allow", allow),))

    def _add(self, plan: Plan, pattern: Pattern) -> None:
        node = self._root
        for segment in pattern.segments:
            node = node.child(segment)
        leaf = node.leaf_of_tail() if pattern.tail else node.leaf_of_end()
        leaf.put(plan, pattern)
        if pattern.static:
            self._static[pattern.path] = leaf

    def __repr__(self) -> str:
        return f"<Router {len(self.plans)} routes, {len(self._static)} paths without parameters>"


def automatic(method: str, fault: Fault) -> Reply | None:
    """Give the answer to an OPTIONS that no route declares, for what ``match`` raised.

    204 with ``Allow`` (RFC 9110 section 9.3.7); ``None`` for anything else.
    """
    if method != "OPTIONS" or fault.code != "method_not_allowed":
        return None
    return Reply(status=_NO_CONTENT, headers=fault.headers)


class _Leaf:
    """The plans at one shape of path, by method."""

    __slots__ = ("methods",)

    def __init__(self) -> None:
        self.methods: dict[str, tuple[Plan, tuple[str, ...]]] = {}

    def put(self, plan: Plan, pattern: Pattern) -> None:
        if pattern.method in self.methods:
            msg = f"{plan.name} and {self.methods[pattern.method][0].name} take the same requests"
            raise ValueError(msg)
        self.methods[pattern.method] = (plan, pattern.names)

    def pick(self, method: str) -> tuple[Plan, tuple[str, ...]] | None:
        methods = self.methods
        found = methods.get(method)
        if found is None and method == "HEAD":
            found = methods.get("GET")
        return methods.get(ANY) if found is None else found

    def allow(self) -> list[str]:
        names = list(self.methods)
        if "GET" in names and "HEAD" not in names:
            names.append("HEAD")
        return names if "OPTIONS" in names else [*names, "OPTIONS"]


class _Node:
    """One segment of the trie."""

    __slots__ = ("end", "literals", "parameter", "tail")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.tail: _Leaf | None = None
        self.end: _Leaf | None = None

    def child(self, segment: str | None) -> "_Node":
        if segment is not None:
            return self.literals.setdefault(segment, _Node())
        if self.parameter is None:
            self.parameter = _Node()
        return self.parameter

    def leaf_of_end(self) -> _Leaf:
        if self.end is None:
            self.end = _Leaf()
        return self.end

    def leaf_of_tail(self) -> _Leaf:
        if self.tail is None:
            self.tail = _Leaf()
        return self.tail

    def find(
        self,
        method: str,
        segments: list[str],
        at: int,
        values: tuple[str, ...],
        met: list[_Leaf],
    ) -> Match | None:
        """Look for the method; ``met`` gathers the leaves that did not offer it.

        It goes no deeper than the longest pattern, however long the path.
        """
        if at == len(segments):
            return _try(self.end, method, values, met)
        segment = segments[at]
        literal = self.literals.get(segment)
        if literal is not None:
            match = literal.find(method, segments, at + 1, values, met)
            if match is not None:
                return match
        if self.parameter is not None and segment:
            match = self.parameter.find(method, segments, at + 1, (*values, segment), met)
            if match is not None:
                return match
        if self.tail is not None:
            return _try(self.tail, method, (*values, _join(segments[at:])), met)
        return None


def _try(
    leaf: _Leaf | None, method: str, values: tuple[str, ...], met: list[_Leaf]
) -> Match | None:
    if leaf is None:
        return None
    found = leaf.pick(method)
    if found is None:
        met.append(leaf)
        return None
    plan, names = found
    return plan, dict(zip(names, values, strict=True)) if names else NO_PARAMS


def _segments(path: str) -> list[str]:
    """Split, then decode. Raises Fault for what is not well-formed."""
    if not path.startswith("/"):
        raise Fault("not_found", "a path begins with a slash")
    segments = path[1:].split("/")
    if "%" in path:
        if _MALFORMED.search(path):
            raise Fault("invalid_request", "the path has a % that encodes nothing")
        segments = [_decode(segment) if "%" in segment else segment for segment in segments]
    if not _DOTS.isdisjoint(segments):
        raise Fault("invalid_request", "the path has dot segments; resolve them before sending")
    return segments


def _decode(segment: str) -> str:
    try:
        return unquote_to_bytes(segment).decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise Fault("invalid_request", "the path is not UTF-8 when decoded") from None


def _join(segments: list[str]) -> str:
    tail = "/".join(segments)
    if "/." in f"/{tail}" and not _DOTS.isdisjoint(tail.split("/")):
        raise Fault("invalid_request", "the path has dot segments; resolve them before sending")
    return tail
