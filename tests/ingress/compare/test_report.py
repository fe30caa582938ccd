import json
import random

import msgspec
import pytest

from ingress.compare import report as module
from ingress.compare.answer import Answer, Pair
from ingress.compare.report import EXAMPLES, MOST, Comparison, document
from ingress.compare.rules import Rules

JSON = (("content-type", "application/json"),)


def answer(value: object, *, status: int = 200, seconds: float = 0.01) -> Answer:
    return Answer(status=status, headers=JSON, body=json.dumps(value).encode(), seconds=seconds)


def pair(number: int, left: Answer, right: Answer, route: str = "GET /a") -> Pair:
    return Pair(id=f"r-{number}", route=route, what="GET /a?x", left=left, right=right)


def test_one_cause_is_one_finding() -> None:
    """Many pairs that differ at one place are one finding with its count and a few examples."""
    comparison = Comparison(Rules(), left="v1", right="v2")
    for number in range(10):
        comparison.add(pair(number, answer({"a": [1, 1]}), answer({"a": [2, number % 2]})))
    comparison.add(pair(10, answer(1), answer(1), "GET /b"))
    report = comparison.report()
    (one,) = report.findings
    assert (one.route, one.path, one.kind) == ("GET /a", "$.a[*]", "changed")
    assert (one.count, one.total, len(one.examples)) == (10, 10, EXAMPLES)
    assert (one.examples[0].id, one.examples[0].left, one.examples[0].right) == ("r-0", "1", "2")
    assert (report.pairs, report.same, report.different) == (11, 1, 10)
    assert (report.left, report.right, report.latency[0].count) == ("v1", "v2", 11)


def test_noise_is_subtracted() -> None:
    """What the old version differs in from itself is no finding, and a rare real one stays."""
    chance = random.Random(7)
    comparison = Comparison(Rules())

    def fresh(total: int = 1) -> Answer:
        return answer({"at": chance.random(), "lucky": chance.random() < 0.5, "total": total})

    for number in range(2000):
        comparison.add_noise(pair(number, fresh(), fresh()))
        comparison.add(pair(number, fresh(), fresh(2 if number == 77 else 1)))
    report = comparison.report()
    assert [(one.path, one.count, one.noise) for one in report.findings] == [("$.total", 1, 0)]
    assert {one.path for one in report.noise} == {"$.at", "$.lucky"}
    assert (report.same, report.different) == (1999, 1)


def test_findings_are_bounded() -> None:
    """A service whose names are data cannot fill the memory: the rest is counted."""
    comparison = Comparison(Rules())
    names = {f"k{number}": 1 for number in range(MOST)}
    comparison.add(pair(1, answer(names), answer({})))
    comparison.add(pair(2, answer({"other": 1}), answer({})))
    report = comparison.report()
    assert (len(report.findings), report.beyond) == (MOST, 1)


def test_the_document_is_plain() -> None:
    """For scripts a report is JSON, with the texts of the examples and without their bodies."""
    comparison = Comparison(Rules())
    comparison.add(pair(1, answer({"a": 1}), answer({"a": 2})))
    told = json.loads(msgspec.json.encode(document(comparison.report())))
    assert told["findings"][0]["examples"] == [
        {"id": "r-1", "what": "GET /a?x", "left": "1", "right": "2"}
    ]
    assert set(told["latency"]) == {"left", "right"}


def test_a_large_body_is_not_kept_whole() -> None:
    """An example keeps the first 64 KiB of a body and says that it was cut."""
    comparison = Comparison(Rules())
    comparison.add(pair(1, answer("a" * 100_000), answer("b" * 100_000)))
    example = comparison.report().findings[0].examples[0]
    assert (len(example.before.body), example.before.cut) == (65536, True)


def test_examples_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """All examples together keep a bounded number of bytes: the later ones have no bodies."""
    monkeypatch.setattr(module, "_ROOM", 5000)
    comparison = Comparison(Rules())
    for number in range(4):
        left, right = answer("a" * 1000), answer("b" * 1000)
        comparison.add(pair(number, left, right, f"GET /{number}"))
    bodies = [len(one.examples[0].before.body) for one in comparison.report().findings]
    assert bodies == [1002, 1002, 992, 0]
