"""Routes that cannot be told apart."""

import pytest

from ingress import routefile
from ingress.problems import ConfigError
from tests.ingress.routing.plans import of


def complaints(*routes: str, head: str = "") -> list[str]:
    try:
        of(*routes, head=head)
    except ConfigError as error:
        return [f"{one.message} ({one.hint})" for one in error.problems]
    return []


@pytest.mark.parametrize(
    "one, other",
    [
        ("route: GET /a", "route: GET /a, match: {headers: {x: '1'}}"),
        ("route: GET /a, match: {hosts: [a.test]}", "route: GET /a, match: {hosts: ['*.test']}"),
        ("route: GET /a, match: {hosts: [a.test]}", "route: GET /a"),
        ("route: GET /a, match: {headers: {x: '1'}}", "route: GET /a, match: {headers: {x: '2'}}"),
        ("route: 'GET /{a:int}'", "route: 'GET /{a:uuid}'"),
        ("route: 'GET /{a:int}'", "route: 'GET /{a}'"),
        (
            "route: GET /a, match: {headers: {x: '1'}}",
            "route: GET /a, match: {query: {x: '1'}, priority: 1}",
        ),
    ],
)
def test_what_can_be_told_apart_is_no_clash(one: str, other: str) -> None:
    """By host, kind, conditions, or a priority where both may fit."""
    assert complaints(one, other) == []


@pytest.mark.parametrize(
    "one, other, message",
    [
        (
            "route: GET /a, match: {headers: {x: '1'}}",
            "route: GET /a, match: {headers: {x: '1'}, priority: 3}",
            "GET /a [x: 1] is declared twice, first in line 3 (keep one of the two)",
        ),
        (
            "route: 'GET /{a:int}'",
            "route: 'GET /{b:int}'",
            (
                "GET /{b:int} takes the same requests as GET /{a:int}, first in line 3"
                " (keep one of the two)"
            ),
        ),
        (
            "route: GET /a, match: {hosts: [a.test, b.test]}",
            "route: GET /a, match: {hosts: [b.test]}",
            (
                "GET /a [b.test] takes the same requests as GET /a [a.test, b.test],"
                " first in line 3 (keep one of the two)"
            ),
        ),
        (
            "route: GET /a, match: {headers: {x: '1'}}",
            "route: GET /a, match: {headers: {y: '1'}}",
            (
                "a request may fit both GET /a [y: 1] and GET /a [x: 1] in line 3,"
                " and neither comes first (give one of them `match: {priority: 1}`)"
            ),
        ),
    ],
)
def test_what_cannot_be_told_apart_is_refused(one: str, other: str, message: str) -> None:
    """With what to write instead."""
    assert complaints(one, other) == [message]


def test_a_group_must_be_there_and_its_prefix_must_fit() -> None:
    """A typo is found, and so are parameters of one name."""
    head = "groups: {shop: {prefix: '/t/{t}'}}"
    assert complaints("route: GET /a, group: shpo", head=head) == [
        "no group 'shpo' is declared (did you mean shop?)"
    ]
    assert complaints("route: 'GET /{t}', group: shop", head=head) == [
        "behind the group's prefix: the parameter 't' stands here twice ()"
    ]
    assert complaints("route: GET /a, group: shop", "route: 'GET /t/{x}/a'", head=head) == [
        (
            "GET /t/{x}/a takes the same requests as GET /t/{t}/a, first in line 3"
            " (keep one of the two)"
        )
    ]


def test_a_priority_without_conditions_is_refused() -> None:
    """It would order nothing."""
    (said,) = complaints("route: GET /a, match: {priority: 1}")
    assert said.startswith("a priority orders routes that ask")


@pytest.mark.parametrize("match", ["1", "{hosts: [A]}", "{headers: {X-Big: '1'}}", "{media: [x]}"])
def test_what_the_model_refuses_is_not_complained_about_twice(match: str) -> None:
    """Shapes are the model's business."""
    with pytest.raises(ConfigError) as caught:
        routefile.parse(f"routes: [{{route: GET /a, operation: s.o, match: {match}}}]".encode())
    assert len(caught.value.problems) == 1
