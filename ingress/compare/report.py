"""Pairs of answers in, findings out: what differs, where, how often, with examples."""

from collections import Counter
from typing import Any, Final

import msgspec

from ingress.compare.answer import Answer, Difference, Pair
from ingress.compare.answers import compare
from ingress.compare.latency import Latency, Quantiles
from ingress.compare.noise import is_noise
from ingress.compare.rules import Rules

EXAMPLES: Final = 3
"""Examples that a finding keeps."""

MOST: Final = 1000
"""Findings that are told apart; a service that differs in more places differs everywhere."""

# Bytes of a body that an example keeps, and of all of them: the first findings say the most.
_KEPT: Final = 64 * 1024
_ROOM: Final = 32 * 1024**2

Key = tuple[str, str, str]


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A pair that shows a finding: the texts at its place, and both answers whole."""

    id: str
    what: str
    left: str
    right: str
    before: Answer
    after: Answer


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that differs at one place of one route.

    ``count`` answers of the route's ``total`` differ so; ``noise`` is how many of the old
    version's own answers did.
    """

    route: str
    path: str
    kind: str
    count: int
    total: int
    noise: int = 0
    examples: tuple[Example, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison found. ``same`` counts pairs without a finding, noise left aside.

    ``unmatched`` counts answers that have no partner, ``beyond`` differences that were counted
    without being told apart.
    """

    left: str
    right: str
    pairs: int
    same: int
    different: int
    unmatched: int
    beyond: int
    findings: tuple[Finding, ...]
    noise: tuple[Finding, ...]
    latency: tuple[Quantiles, Quantiles]
    buckets: tuple[list[tuple[float, int]], list[tuple[float, int]]]


class Comparison:
    """Takes pairs one by one and holds what a report needs, not the pairs.

    ``add`` a pair of old and new; ``add_noise`` a pair of old and old. The pairs that differ are
    remembered by the places where they do, so that noise may come first or last.
    """

    def __init__(self, rules: Rules, *, left: str = "left", right: str = "right") -> None:
        self._rules = rules
        self._names = (left, right)
        self._pairs = 0
        self._beyond = 0
        self.unmatched = 0
        self._totals: Counter[str] = Counter()
        self._raw: Counter[Key] = Counter()
        self._noise: Counter[Key] = Counter()
        self._examples: dict[Key, list[Example]] = {}
        # How many pairs differ in exactly these places.
        self._sets: Counter[frozenset[Key]] = Counter()
        self._latency = (Latency(), Latency())
        self._room = _ROOM

    def __repr__(self) -> str:
        return f"<Comparison of {self._pairs} pairs, {len(self._raw)} differences>"

    def add(self, pair: Pair) -> None:
        """Compare an answer of the old version with one of the new."""
        self._pairs += 1
        self._totals[pair.route] += 1
        for latency, answer in zip(self._latency, (pair.left, pair.right), strict=True):
            if answer.status:
                latency.add(answer.seconds)
        places: dict[Key, Difference] = {}
        for difference in compare(pair.left, pair.right, self._rules):
            key = (pair.route, difference.path, difference.kind)
            if key not in self._raw and len(self._raw) >= MOST:
                self._beyond += 1
                continue
            places.setdefault(key, difference)
        for key, difference in places.items():
            self._raw[key] += 1
            examples = self._examples.setdefault(key, [])
            if len(examples) < EXAMPLES:
                examples.append(self._example(pair, difference))
        if places:
            self._sets[frozenset(places)] += 1

    def add_noise(self, pair: Pair) -> None:
        """Compare two answers of the old version."""
        found = compare(pair.left, pair.right, self._rules)
        self._noise.update({(pair.route, one.path, one.kind) for one in found})

    def report(self) -> Report:
        """Tell what was found, what happens most often first."""
        noisy = {
            key
            for key, raw in self._raw.items()
            if is_noise(raw, self._noise[key], self._totals[key[0]])
        }
        different = sum(many for keys, many in self._sets.items() if not keys <= noisy)
        ordered = [self._finding(key) for key, _ in self._raw.most_common()]
        is_noisy = [(one.route, one.path, one.kind) in noisy for one in ordered]
        return Report(
            left=self._names[0],
            right=self._names[1],
            pairs=self._pairs,
            same=self._pairs - different,
            different=different,
            unmatched=self.unmatched,
            beyond=self._beyond,
            findings=tuple(one for one, no in zip(ordered, is_noisy, strict=True) if not no),
            noise=tuple(one for one, yes in zip(ordered, is_noisy, strict=True) if yes),
            latency=(self._latency[0].quantiles(), self._latency[1].quantiles()),
            buckets=(self._latency[0].buckets(), self._latency[1].buckets()),
        )

    def _example(self, pair: Pair, difference: Difference) -> Example:
        most = min(_KEPT, max(0, self._room))
        before, after = _bounded(pair.left, most), _bounded(pair.right, most)
        self._room -= len(before.body) + len(after.body)
        return Example(
            id=pair.id,
            what=pair.what,
            left=difference.left,
            right=difference.right,
            before=before,
            after=after,
        )

    def _finding(self, key: Key) -> Finding:
        route, path, kind = key
        return Finding(
            route=route,
            path=path,
            kind=kind,
            count=self._raw[key],
            total=self._totals[route],
            noise=self._noise[key],
            examples=tuple(self._examples[key]),
        )


def document(report: Report) -> dict[str, Any]:
    """Tell a report as plain values, for JSON: examples by their texts, without whole bodies."""
    told: dict[str, Any] = msgspec.to_builtins(report)
    del told["buckets"]
    for finding in (*told["findings"], *told["noise"]):
        for example in finding["examples"]:
            del example["before"], example["after"]
    told["latency"] = dict(zip(("left", "right"), told["latency"], strict=True))
    return told


def _bounded(answer: Answer, most: int) -> Answer:
    if len(answer.body) <= most:
        return answer
    return msgspec.structs.replace(answer, body=answer.body[:most], cut=True)
