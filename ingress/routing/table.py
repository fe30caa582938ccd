"""The routes of one host, or of all hosts: a trie of dicts, a segment each."""

from collections.abc import Mapping

from contracts.call import NO_PARAMS
from ingress.pattern import Pattern
from ingress.plan import Plan
from ingress.routing.asked import NOTHING, Asked
from ingress.routing.kinds import CHECKS, NAMES, Check
from ingress.routing.leaf import Leaf
from ingress.routing.path import join

Match = tuple[Plan, Mapping[str, str]]


class Table:
    """Finds the plan for a request among its own."""

    def __init__(self, *declared: tuple[Plan, Pattern]) -> None:
        self._root = _Node()
        self._static: dict[str, Leaf] = {}
        for plan, pattern in declared:
            self._leaf(pattern)
            # Only whether there is one: what clashes here may be apart by its host.
            self._leaf(pattern).methods.setdefault(pattern.method, (plan, pattern.names))

    def put(self, plan: Plan, pattern: Pattern) -> None:
        """Add a plan. Raises ``ValueError`` for one that takes the requests of another."""
        leaf = self._leaf(pattern)
        leaf.put(plan, pattern)
        if pattern.static:
            self._static[pattern.path] = leaf

    def put_beside(self, plan: Plan, pattern: Pattern) -> None:
        """Add a plan that nobody declared, unless somebody declared one in its place."""
        if not self._leaf(pattern).taken(pattern.method):
            self.put(plan, pattern)

    def without_conditions(self, *, unless: "Table") -> dict[str, Leaf]:
        """Give the leaves that take one path, whatever else is asked, and its path.

        Those at which ``unless`` has anything are not among them.
        """
        return {
            path: leaf
            for path, leaf in self._static.items()
            if not leaf.choices and not unless.reaches(path)
        }

    def reaches(self, path: str) -> bool:
        """Whether any plan takes a path, which is written as it is meant."""
        met: list[Leaf] = []
        found = self._root.find("", path[1:].split("/"), NOTHING, met, 0, ())
        return found is not None or bool(met)

    def find(self, method: str, segments: list[str], asked: Asked, met: list[Leaf]) -> Match | None:
        """Look for the plan; ``met`` gathers the leaves on the way that have none for it."""
        return self._root.find(method, segments, asked, met, 0, ())

    def _leaf(self, pattern: Pattern) -> Leaf:
        node, kinds = self._root, iter(pattern.kinds)
        for segment in pattern.segments:
            node = node.literal(segment) if segment is not None else node.parameter(next(kinds))
        return node.leaf(tail=pattern.tail)


def _take(
    leaf: Leaf, method: str, asked: Asked, values: tuple[str, ...], met: list[Leaf]
) -> Match | None:
    found = leaf.choose(method, asked) if leaf.choices else leaf.pick(method)
    if found is None:
        met.append(leaf)
        return None
    plan, names = found
    return plan, dict(zip(names, values, strict=True)) if names else NO_PARAMS


class _Node:
    """One segment of the trie."""

    __slots__ = ("any", "end", "kinds", "literals", "tail")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        # Parameters of a kind, in the order in which they are tried.
        self.kinds: tuple[tuple[Check, str, _Node], ...] = ()
        self.any: _Node | None = None
        self.tail: Leaf | None = None
        self.end: Leaf | None = None

    def literal(self, segment: str) -> "_Node":
        return self.literals.setdefault(segment, _Node())

    def parameter(self, kind: str) -> "_Node":
        if not kind:
            self.any = self.any or _Node()
            return self.any
        known = {name: node for _, name, node in self.kinds}
        node = known.setdefault(kind, _Node())
        self.kinds = tuple((CHECKS[name], name, known[name]) for name in NAMES if name in known)
        return node

    def leaf(self, *, tail: bool) -> Leaf:
        if tail:
            self.tail = self.tail or Leaf()
            return self.tail
        self.end = self.end or Leaf()
        return self.end

    def find(
        self,
        method: str,
        segments: list[str],
        asked: Asked,
        met: list[Leaf],
        at: int,
        values: tuple[str, ...],
    ) -> Match | None:
        """Look on from segment ``at``.

        It goes no deeper than the longest pattern, however long the path.
        """
        if at == len(segments):
            return None if self.end is None else _take(self.end, method, asked, values, met)
        segment = segments[at]
        literal = self.literals.get(segment)
        if literal is not None:
            match = literal.find(method, segments, asked, met, at + 1, values)
            if match is not None:
                return match
        for node in self._of_kind(segment) if self.kinds else ():
            match = node.find(method, segments, asked, met, at + 1, (*values, segment))
            if match is not None:
                return match
        if self.any is not None and segment:
            match = self.any.find(method, segments, asked, met, at + 1, (*values, segment))
            if match is not None:
                return match
        if self.tail is not None:
            return _take(self.tail, method, asked, (*values, join(segments[at:])), met)
        return None

    def _of_kind(self, segment: str) -> list["_Node"]:
        return [node for check, _, node in self.kinds if check(segment)]
