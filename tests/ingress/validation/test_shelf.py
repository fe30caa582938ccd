from pathlib import Path
from typing import Any

import pytest

from ingress.validation.checker import Checker, UnusableSchemaError
from ingress.validation.shelf import Shelf, step


def written(folder: Path, **files: str) -> Shelf:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return Shelf(folder)


def fits(shelf: Shelf, schema: Any, value: Any) -> bool:
    reference = shelf.place(schema, "here")
    return bool(Checker(reference, library=shelf.library).fits(value))


def test_a_schema_stands_in_the_route_file_or_beside_it(tmp_path: Path) -> None:
    """Whole files, parts of them, and what is written out with references to them."""
    shelf = written(tmp_path, order="{$defs: {Id: {type: integer}}, type: object}")
    assert fits(shelf, "order.yaml", {})
    assert not fits(shelf, "order.yaml", 1)
    assert fits(shelf, "order.yaml#/$defs/Id", 1)
    assert fits(shelf, {"items": {"$ref": "order.yaml#/$defs/Id"}}, [1])
    assert not fits(Shelf(tmp_path), {"items": {"$ref": "order.yaml#/$defs/Id"}}, ["x"])
    anything: Any = True
    assert shelf.place(anything, "there") is True


def test_files_refer_to_files(tmp_path: Path) -> None:
    """Also in a circle."""
    shelf = written(
        tmp_path,
        a="{properties: {b: {$ref: b.yaml}}}",
        b="{type: object, properties: {a: {$ref: a.yaml}}}",
    )
    assert fits(shelf, "a.yaml", {"b": {"a": {"b": {}}}})
    assert not fits(shelf, "a.yaml", {"b": {"a": {"b": 1}}})


@pytest.mark.parametrize(
    "text, why",
    [
        (None, "no such file"),
        ("{", "not YAML|expected"),
        ("[1]", "no schema"),
        ("{$ref: nowhere.yaml}", "nowhere.yaml cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, text: str | None, why: str) -> None:
    """With the file that it is about."""
    shelf = written(tmp_path, **({} if text is None else {"a": text}))
    with pytest.raises(UnusableSchemaError, match=why):
        shelf.open("a.yaml")


def test_nothing_is_fetched_from_a_network(tmp_path: Path) -> None:
    """What a URL says may change; it counts as not there."""
    shelf = written(tmp_path, a='{$ref: "http://127.0.0.1:9/x.json"}')
    reference = shelf.place("a.yaml", "here")
    with pytest.raises(UnusableSchemaError, match="not present"):
        Checker(reference, library=shelf.library)


def test_a_place_in_a_file_has_its_line(tmp_path: Path) -> None:
    """For messages about what stands there."""
    shelf = written(tmp_path, a="a:\n  b:\n    c: 1\n")
    mark = shelf.mark(shelf.open("a.yaml"), ("a", "b", "c"))
    assert mark is not None
    assert mark.line == 3


def test_going_down_stops_where_there_is_nothing() -> None:
    """It gives None and raises nothing."""
    assert step({"a": {"b": 1}}, "a", "b") == 1
    assert step({"a": 1}, "a", "b", "c") is None
