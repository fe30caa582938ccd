"""YAML with the place of everything."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingress import yamlfile
from ingress.document import Document, Mark


def parse(text: str | bytes, **environment: str) -> Document:
    data = text.encode() if isinstance(text, str) else text
    return yamlfile.parse(data, source="g.yaml", environment=environment)


def value(text: str, **environment: str) -> Any:
    document = parse(text, **environment)
    assert document.problems == []
    return document.value


def complaints(text: str | bytes, **environment: str) -> list[str]:
    return [str(problem) for problem in parse(text, **environment).problems]


def test_every_key_and_value_has_its_line_and_column() -> None:
    """Places count from 1 and are kept for keys and for values."""
    document = parse("a: 1\nb:\n  - c: [2, 3]\n")
    assert document.value == {"a": 1, "b": [{"c": [2, 3]}]}
    assert document.mark(("b", 0, "c", 1)) == Mark(3, 12)
    assert document.mark(("b", 0, "c"), key=True) == Mark(3, 5)


@pytest.mark.parametrize(
    "text, read",
    [
        ("off", "off"),
        ("no", "no"),
        ("1:30", "1:30"),
        ("2026-01-01", "2026-01-01"),
        ("true", True),
        ("~", None),
        ("017", 17),
        ("0o17", 15),
        ("0x1f", 31),
        ("-2.5e3", -2500.0),
        ("1_000", "1_000"),
        ("<<", "<<"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, read: object) -> None:
    """Off and no are texts and 1:30 is no number: YAML 1.2, not 1.1."""
    assert value(f"a: {text}") == {"a": read}


def test_infinity_and_not_a_number_are_numbers() -> None:
    """The names of special floats are read."""
    assert value("a: -.inf") == {"a": -math.inf}
    assert math.isnan(value("a: .nan")["a"])


def test_a_reference_is_filled_in_from_the_environment() -> None:
    """A name in braces gives the variable, inside a text too."""
    assert value("a: x${A}y${B}", A="1", B="2") == {"a": "x1y2"}


@pytest.mark.parametrize("environment", [{}, {"A": ""}])
def test_a_default_stands_in_for_an_unset_or_empty_variable(environment: dict[str, str]) -> None:
    """As in a shell, :- also replaces an empty variable."""
    assert value("a: ${A:-memory://}", **environment) == {"a": "memory://"}


def test_an_unquoted_reference_is_what_its_value_looks_like() -> None:
    """Unquoted, a number from the environment is a number; quoted, it stays a text."""
    assert value("a: ${A}\nb: '${A}'", A="5") == {"a": 5, "b": "5"}


def test_a_value_is_not_read_for_references_again() -> None:
    """What a variable holds is taken as it is, references in it too."""
    assert value("a: ${A}", A="${B}") == {"a": "${B}"}


def test_two_dollars_stand_for_one() -> None:
    """$${ is a literal ${, and a lone dollar is itself."""
    assert value("a: $${A} costs $5") == {"a": "${A} costs $5"}


def test_a_missing_variable_is_told_with_its_place_and_what_to_do() -> None:
    """An unset variable without a default is a problem, and so is the next one."""
    assert complaints("a: ${NOPE}\nb: ${NADA}") == [
        (
            "g.yaml:1:4: a: the environment variable NOPE is not set"
            " (export NOPE=..., or give a default: ${NOPE:-...})"
        ),
        (
            "g.yaml:2:4: b: the environment variable NADA is not set"
            " (export NADA=..., or give a default: ${NADA:-...})"
        ),
    ]


@pytest.mark.parametrize("text", ["${", "${}", "${a b}", "${A:default}", "${1A}"])
def test_half_a_reference_is_a_problem(text: str) -> None:
    """What begins like a reference and is none is not taken for a text."""
    assert "a reference is written ${NAME}" in complaints(f"a: '{text}'")[0]


def test_what_came_from_the_environment_is_remembered() -> None:
    """So that nobody prints it."""
    assert parse("a: {b: '${A}'}\nc: x", A="s").from_environment == {("a", "b")}


def test_a_key_that_stands_twice_is_told_with_both_lines() -> None:
    """A duplicate key is a problem that names the first line."""
    assert complaints("a: 1\nb: 2\na: 3") == [
        "g.yaml:3:1: a: 'a' stands here twice, first in line 1 (keep one of the two)"
    ]


def test_keys_are_texts() -> None:
    """A key that is a number, a list or nothing is a problem."""
    assert complaints("1: x") == ["g.yaml:1:1: a key must be a text (quote it)"]
    assert complaints("? [a]\n: x") == ["g.yaml:1:3: a key must be a text (quote it)"]


def test_an_alias_gives_the_same_again() -> None:
    """Anchors and aliases are understood."""
    assert value("a: &x {b: 1}\nc: *x") == {"a": {"b": 1}, "c": {"b": 1}}


def test_aliases_cannot_make_a_bomb() -> None:
    """A billion laughs end after a bounded number of values, with one problem."""
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert ["too many values" in line for line in complaints("\n".join(rows))] == [True]


def test_an_alias_that_contains_itself_is_a_problem() -> None:
    """A loop ends with a problem."""
    assert "contains itself" in complaints("a: &x [*x]")[0]


@pytest.mark.parametrize(
    "text",
    ["!!python/object/apply:os.system [x]", "!secret x", "!!binary aGk=", "!!set {a}", "!!int x"],
)
def test_nothing_is_constructed_but_plain_data(text: str) -> None:
    """A tag beyond the core ones is a problem and is never acted upon."""
    assert len(complaints(f"a: {text}")) == 1


@pytest.mark.parametrize(
    "data, message",
    [
        (b"\xff", "not UTF-8"),
        (b"a: \x00", "not YAML"),
        (b"a: [", "not YAML"),
        (b"a: b\n---\nc: d", "not YAML"),
        (b"a:\n\t- b", "spaces, not tabs"),
        (b"a:\n  - b: c\n   d: e", "indented as its neighbours"),
        (b"a: {b: ${C}}", "quote a reference"),
        (b"[" * 100_000, "nested deeper than 32"),
        (b"#" * (yamlfile.MAX_BYTES + 1), "larger than 4 MiB"),
        (b"a: " + b"9" * 5000, "cannot be read as int"),
    ],
)
def test_what_is_no_yaml_is_one_problem(data: bytes, message: str) -> None:
    """Bytes that are no UTF-8, no YAML, too deep or too large are told in one sentence."""
    found = complaints(data)
    assert len(found) == 1
    assert message in found[0]


def test_a_byte_order_mark_is_passed_over() -> None:
    """A file saved on Windows reads the same."""
    assert parse(b"\xef\xbb\xbfa: 1").value == {"a": 1}


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_a_document(data: bytes) -> None:
    """Whatever the file holds, reading it raises nothing."""
    document = parse(data, A="1")
    assert document.source == "g.yaml"


@settings(deadline=None)
@given(st.text("ab:-[]{}&*!'\"\n ${}#|>?,0.~", max_size=60))
def test_any_scribble_gives_a_document(text: str) -> None:
    """Nor does anything made of YAML's own characters."""
    assert isinstance(parse(text).problems, list)
