"""The rules of a route."""

from typing import Any

import pytest

from ingress.authz.conditions import Condition
from ingress.authz.rules import Denial, Judgement, Rules
from ingress.authz.sections import RuleSection
from tests.ingress.authz.people import ANN, call, who

reported: list[tuple[str, str]] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    reported.clear()


def report(condition: Condition, error: BaseException) -> None:
    reported.append((condition.words, type(error).__name__))


def rules(*listed: dict[str, Any]) -> Rules:
    sections = [RuleSection.model_validate(one) for one in listed]
    return Rules(sections[0] if len(sections) == 1 else sections)


def test_all_that_a_rule_names_must_be_so() -> None:
    """What is missing first is told, with the scope that a new token would need."""
    one = rules({"scopes": ["orders.write"], "roles": ["boss"]})
    assert one.denial(ANN, call(), report) == Denial("the role boss is missing")
    assert one.denial(who(roles=("boss",)), call(), report) == Denial(
        "the scope orders.write is missing", "orders.write"
    )
    assert one.denial(who(roles=("boss",), scopes=("orders.write",)), call(), report) is None


def test_of_several_rules_one_is_enough() -> None:
    """Who meets none is told of each what is missing, and of three at the most."""
    one = rules({"roles": ["boss"]}, {"groups": ["staff"]})
    assert one.denial(ANN, call(), report) is None
    assert one.denial(who(), call(), report) == Denial(
        "the role boss is missing; or the group staff is missing"
    )
    many = rules(*({"roles": [name]} for name in "abcdef"))
    denial = many.denial(who(), call(), report)
    assert denial is not None
    assert denial.reason.count("; or ") == 2


def test_the_words_for_all_and_for_whoever_is_known() -> None:
    """Anyone needs nothing; known needs that somebody checked."""
    assert Rules("anyone").open
    assert Rules("anyone").denial(None, call(), report) is None
    assert not Rules("known").open
    assert Rules("known").denial(who(), call(), report) is None
    assert Rules("known").denial(None, call(), report) == Denial("this needs a caller who is known")


def test_what_cannot_be_judged_is_refused_and_reported() -> None:
    """With the condition and the kind of error; other rules may still let it through."""
    one = rules({"when": "claims.nothing == 1"})
    denial = one.denial(ANN, call(), report)
    assert denial == Denial("a condition of this route is not met")
    assert reported == [("when claims.nothing == 1", "KeyError")]
    assert (
        rules({"when": "claims.nothing == 1"}, {"groups": ["staff"]}).denial(ANN, call(), report)
        is None
    )


@pytest.mark.parametrize(
    "listed, needed",
    [
        ([{"scopes": ["a"]}], True),
        ([{"scopes": ["a"]}, {"ip": ["::1"]}], False),
        ([{"ip": ["::1"], "roles": ["a"]}], True),
        ([{"when": "request.method == 'GET'"}], False),
    ],
)
def test_it_knows_whether_a_stranger_could_pass(listed: list[dict[str, Any]], needed: bool) -> None:  # noqa: FBT001
    """For a route that asks nobody who he is."""
    assert rules(*listed).needs_caller is needed
    assert Rules("known").needs_caller
    assert not Rules("anyone").needs_caller


def test_without_a_request_it_says_what_can_be_said() -> None:
    """Yes, no and why not, or on what it depends."""
    one = rules({"groups": ["staff"], "ip": ["10.0.0.0/8"], "when": "request.method == 'GET'"})
    assert one.judge(who()) == Judgement("no", ("the group staff is missing",))
    assert one.judge(ANN) == Judgement(
        "depends", ("an address in 10.0.0.0/8", "when request.method == 'GET'")
    )
    assert one.judge(ANN, "10.1.1.1") == Judgement("depends", ("when request.method == 'GET'",))
    assert one.judge(ANN, "11.1.1.1") == Judgement("no", ("this address may not call it",))
    assert rules({"groups": ["staff"]}).judge(ANN) == Judgement("yes")
    assert rules({"ip": ["::1"]}, {"groups": ["staff"]}).judge(ANN) == Judgement("yes")
    assert Rules("anyone").judge(None) == Judgement("yes")


def test_it_reads_as_the_file_means_it() -> None:
    """In words, one rule a line."""
    one = rules({"scopes": ["a"], "ip": ["::1"]}, {"roles": ["b"]})
    assert one.words() == ("an address in ::1 and the scope a", "the role b")
    assert repr(one) == "<Rules an address in ::1 and the scope a | the role b>"
    assert Rules("anyone").words() == ("anyone",)
