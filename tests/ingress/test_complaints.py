"""The model's errors in our words."""

from typing import Any

import pytest

from ingress import branches, complaints
from ingress.document import Document, Mark
from ingress.routefile import RouteFile
from ingress.routesections import ServiceSection


def _tell(**error: Any) -> list[str]:
    document = Document("g.yaml", "a: secret\n")
    document.marks = {("a",): Mark(1, 4)}
    document.from_environment = {("a",)}
    document.broken = {("broken",)}
    whole = {"type": "x", "loc": ("b",), "msg": "?", "input": None, **error}
    return [str(one) for one in complaints.of([whole], document, RouteFile.model_json_schema())]


def test_branches_of_a_union_are_not_steps_of_the_file() -> None:
    """The path is that of the file, without the model's own words."""
    (told,) = _tell(type="missing", loc=("retry", branches.ON, "attempts"))
    assert told == "g.yaml:1:1: retry: the key 'attempts' is missing"


def test_what_the_file_already_complained_of_is_not_told_twice() -> None:
    """A value that could not be read is not also of the wrong type."""
    assert _tell(type="missing", loc=("broken", "x")) == []


def test_a_sentence_that_quotes_a_value_from_the_environment_is_withheld() -> None:
    """The value itself is a secret until somebody says otherwise."""
    error = ValueError("'secret' is no method here")
    (told,) = _tell(type="value_error", loc=("a",), input="secret", ctx={"error": error})
    assert "secret" not in told
    assert told.endswith("the value cannot be used here (the value comes from the environment)")


def test_a_list_whose_item_is_wrong_is_not_also_too_short() -> None:
    """The model counts the good items, which is no second problem."""
    short = {"type": "too_short", "loc": ("b",), "msg": "?", "input": [], "ctx": {"min_length": 1}}
    item = {"type": "missing", "loc": ("b", 0, "x"), "msg": "?", "input": {}}
    document = Document("g.yaml", "")
    told = complaints.of([short, item], document, RouteFile.model_json_schema())
    assert [one.message for one in told] == ["the key 'x' is missing"]


def test_an_error_that_is_not_known_is_told_in_the_models_words() -> None:
    """A new kind of error still says something."""
    assert _tell(type="brand_new", msg="Something else") == ["g.yaml:1:1: b: Something else"]


def test_one_of_several_words_gets_a_suggestion() -> None:
    """A typo in a choice is answered with the nearest choice."""
    expected = {"expected": "'queuegate', 'queuegate-json' or 'raw'"}
    (told,) = _tell(type="literal_error", input="rwa", ctx=expected)
    assert told.endswith("one of 'queuegate', 'queuegate-json' or 'raw' (did you mean raw?)")


@pytest.mark.parametrize(
    "path, keys",
    [
        ((), list(RouteFile.model_fields)),
        (("defaults", "retry"), ["attempts", "base", "cap", "attempt_timeout"]),
        (("routes", 3, "body"), ["media", "required", "wellformed"]),
        (("services", "orders"), list(ServiceSection.model_fields)),
        (("routes", 0, "nothing", "there"), []),
    ],
)
def test_the_keys_of_a_place_are_those_of_the_schema(
    path: tuple[Any, ...], keys: list[str]
) -> None:
    """Through references, lists, mappings and switches."""
    assert complaints.keys_at(RouteFile.model_json_schema(), path) == keys
