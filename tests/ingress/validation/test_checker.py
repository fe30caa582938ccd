import resource
import time
from pathlib import Path
from typing import Any

import pytest

from ingress.validation.checker import (
    MOST_ERRORS,
    MOST_VALUES,
    Checker,
    Library,
    UnusableSchemaError,
    Violation,
    plain,
    pointer_of,
)

ORDER = {
    "type": "object",
    "properties": {
        "sku": {"type": "string", "minLength": 1},
        "quantity": {"type": "integer", "minimum": 1},
        "note": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]},
    },
    "required": ["sku", "quantity"],
    "additionalProperties": False,
}


def told(schema: Any, value: Any, **options: Any) -> list[tuple[str, str]]:
    return [(one.pointer, one.keyword) for one in Checker(schema, **options).violations(value)]


def test_what_fits_has_no_violations() -> None:
    """``fits`` and ``violations`` say the same."""
    checker = Checker(ORDER)
    assert checker.fits({"sku": "tea", "quantity": 2})
    assert checker.violations({"sku": "tea", "quantity": 2}) == []


def test_all_that_is_wrong_is_told_with_its_place_and_keyword() -> None:
    """A missing and an unknown member are told at where they should and should not be."""
    assert told(ORDER, {"sku": "", "a/b~c": 1, "note": "long"}) == [
        ("/quantity", "required"),
        ("/sku", "minLength"),
        ("/note", "maxLength"),
        ("/a~1b~0c", "additionalProperties"),
    ]


def test_a_violation_never_shows_the_value() -> None:
    """It may be a secret, and it may be a megabyte."""
    (found,) = Checker({"type": "integer"}).violations("hunter2")
    assert found == Violation("", 'is not of type "integer"', "type")


def test_no_more_violations_are_told_than_asked_for() -> None:
    """Neither of a list of wrong items nor of a host of unknown members."""
    wrong = list(range(100))
    assert len(told({"items": {"type": "string"}}, wrong)) == MOST_ERRORS
    assert len(told({"items": {"type": "string"}}, wrong, most=3)) == 3
    assert len(told(ORDER, {str(n): n for n in wrong})) == MOST_ERRORS


@pytest.mark.parametrize("depth", [100, 300, 990, 5000])
def test_what_is_wrong_deep_inside_is_told_however_deep_it_is(depth: int) -> None:
    """The validator itself gives up at some depth, which must not end in an error of ours."""
    nested: Any = 1
    for _ in range(depth):
        nested = [nested]
    checker = Checker({"type": "array", "items": {"$ref": "#"}})
    (found,) = checker.violations(nested)
    assert found.pointer == ("/0" * depth if depth <= 149 else found.pointer)
    assert checker.fits([nested, []]) is False


def test_a_long_name_is_cut() -> None:
    """An answer does not grow with what the caller invents."""
    (found,) = Checker({"additionalProperties": False}).violations({"n" * 100_000: 1})
    assert len(found.pointer) < 400


def test_garbage_of_a_million_values_buys_neither_time_nor_memory() -> None:
    """Of a large body the first violation is told; all of them would be seconds and gigabytes."""
    checker = Checker({"items": {"type": "string"}})
    wrong = list(range(1_000_000))
    before, began = _peak(), time.process_time()
    assert [one.pointer for one in checker.violations(wrong)] == ["/0"]
    assert time.process_time() - began < 0.5
    assert _peak() - before < 20
    assert len(checker.violations(wrong[: MOST_VALUES - 1])) == MOST_ERRORS


@pytest.mark.parametrize(
    "pattern", [r"^(a+)+$", r"^(a|a)*(?!b)$", r"^(\w+\s?)*(?<!x)$", r"(.*)\1{3}x"]
)
def test_no_pattern_runs_away(pattern: str) -> None:
    """What would need too many steps is refused, and soon (ReDoS)."""
    checker = Checker({"pattern": pattern})
    began = time.process_time()
    assert [one.keyword for one in checker.violations("a" * 100_000 + "!")] == ["pattern"]
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "schema, why",
    [
        ({"type": "strin"}, "/type: "),
        ({"pattern": "("}, "/pattern: "),
        ({"$ref": "#/$defs/nope"}, "does not exist"),
        ({"$ref": "http://127.0.0.1:9/x.json"}, "not present"),
        ({"$ref": "file:///etc/passwd"}, "not present"),
        ([], "boolean"),
    ],
)
def test_what_is_no_schema_or_leads_nowhere_is_refused(schema: Any, why: str) -> None:
    """Nothing is fetched, from no network and from no disk."""
    with pytest.raises(UnusableSchemaError, match=why):
        Checker(schema)


def test_references_lead_into_the_library() -> None:
    """And from one of its documents into another."""
    library = Library(
        {
            "file:///a.json": {"$defs": {"A": {"items": {"$ref": "b.json#/$defs/B"}}}},
            "file:///b.json": {"$defs": {"B": {"type": "integer"}}},
        }
    )
    schema = {"$ref": "file:///a.json#/$defs/A"}
    assert told(schema, ["x"], library=library) == [("/0", "type")]
    assert plain(schema, library) == {"items": {"type": "integer"}}


def test_formats_are_held_to_unless_they_are_remarks() -> None:
    """The standard's default is a remark; ours is what people mean."""
    assert told({"format": "uuid"}, "x") == [("", "format")]
    assert told({"format": "uuid"}, "x", formats=False) == []


def test_a_choice_tells_of_the_branch_that_is_meant() -> None:
    """``integer or null`` tells what is wrong with the integer, and else of the choice."""
    schema = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}
    assert told(schema, 0) == [("", "minimum")]
    assert told(schema, "x") == [("", "anyOf")]


def test_pointers_are_escaped() -> None:
    """RFC 6901 section 3."""
    assert pointer_of(["a/b", 0, "~"]) == "/a~1b/0/~0"


def test_nothing_is_fetched(tmp_path: Path) -> None:
    """A reference leads into the library or nowhere, even to a file that is there."""
    there = tmp_path / "there.json"
    there.write_text('{"type": "integer"}')
    with pytest.raises(UnusableSchemaError):
        Checker({"$ref": there.as_uri()})


def test_what_is_wrong_far_inside_is_told() -> None:
    """Of a value that is nested deeper than the validator tells of, at least that it is wrong."""
    schema = {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}},
    }
    value: Any = 1
    for _ in range(400):
        value = [value]
    (found,) = Checker(schema).violations(value)
    assert "nested more than" in found.detail


def test_what_is_told_is_bounded_however_long_a_name_is() -> None:
    """A caller chooses the names of members, and does not get them back at any length."""
    (found,) = Checker(ORDER).violations({"sku": "tea", "quantity": 1, "x" * 5000: 1})
    assert len(found.pointer) <= 301


def _peak() -> int:
    """Give the peak memory of this process in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
