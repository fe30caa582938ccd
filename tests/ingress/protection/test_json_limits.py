"""Limits of a JSON text."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.protection.json_limits import (
    JsonLimits,
    broken,
    in_another_encoding,
    looks_like_json,
)

SMALL = JsonLimits(depth=3, keys=3, items=4, values=14, string=6, number=5)
TEXT = st.text(st.sampled_from('ab"\\,[]{}:1é'), max_size=8)
VALUES = st.recursive(
    st.none() | st.integers(-999_999, 999_999) | TEXT,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=20,
)


def breaks(value: Any, limits: JsonLimits) -> bool:
    """Measure what was built."""
    parts = list(everything(value))
    lists = [one for one in parts if isinstance(one, list)]
    objects = [one for one in parts if isinstance(one, dict)]
    strings = [json.dumps(one, ensure_ascii=False) for one in parts if isinstance(one, str)]
    numbers = [str(one) for one in parts if type(one) is int]
    return (
        depth(value) > limits.depth
        or any(len(one) > limits.keys for one in objects)
        or any(len(one) > limits.items for one in lists)
        or sum(max(1, len(one)) for one in lists + objects) > limits.values
        or any(len(one.encode()) - 2 > limits.string for one in strings)
        or any(len(one) > limits.number for one in numbers)
    )


def everything(value: Any) -> Iterator[Any]:
    """The value, its keys, and all inside of it."""
    yield value
    if isinstance(value, dict):
        yield from value
    for one in inside(value):
        yield from everything(one)


def depth(value: Any) -> int:
    """Lists and objects inside of each other."""
    own = isinstance(value, list | dict)
    return own + max(map(depth, inside(value)), default=0)


def inside(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return list(value.values()) if isinstance(value, dict) else []


@given(VALUES, st.sampled_from([None, 1]))
def test_it_says_of_a_text_what_is_true_of_the_value(value: Any, indent: int | None) -> None:
    """A limit is broken by the text when the value that it stands for breaks it."""
    body = json.dumps(value, ensure_ascii=False, indent=indent).encode()
    assert bool(broken(body, SMALL)) == breaks(value, SMALL)


@given(st.binary(max_size=60) | st.text(st.sampled_from('[]{},:"\\1e ab')).map(str.encode))
def test_garbage_gives_a_sentence_or_none(body: bytes) -> None:
    """What is no JSON raises nothing here."""
    assert isinstance(broken(body, SMALL), str)


@pytest.mark.parametrize(
    "body, what",
    [
        (b"[[[[1]]]]", "nested deeper than 3"),
        (b'{"a":[{"b":[]}]}', "nested deeper than 3"),
        (b"[1,2,3,4,5]", "a list in it has more than 4 items"),
        (b'{"a":1,"b":2,"c":3,"d":4}', "an object in it has more than 3 keys"),
        (b'["1234567"]', "longer than 6 bytes"),
        (b'{"1234567":1}', "longer than 6 bytes"),
        (b"[123456]", "a number in it is longer than 5 characters"),
        (b"[1e99999]", "a number in it is longer than 5"),
        (b"[[1,1,1],[1,1,1],[1,1,1],[1,1,1]]", "more than 14 values"),
    ],
)
def test_it_says_which_limit_is_broken(body: bytes, what: str) -> None:
    """In words that tell the caller what to change."""
    assert what in broken(body, SMALL)


@pytest.mark.parametrize(
    "body",
    [b"[" * 10**6, b'{"a":' * 10**5, b"[1," * 10**6, b"[" + b"1," * 10**6, b'"' + b"\\" * 10**6,
     b"[" + b"-" * 10**6, b'["a",' * 10**5, b"[],"* 10**6],
)  # fmt: skip
def test_a_hostile_text_costs_what_the_limits_allow(body: bytes) -> None:
    """A megabyte of brackets is refused in the time that a few thousand tokens take."""
    limits = JsonLimits()
    started = time.process_time()
    said = broken(body, limits)
    assert time.process_time() - started < 0.5
    assert said or body.startswith((b'"', b"[]"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("text", ["[1]", ' {"a": 1}', '"a"'])
def test_json_in_another_encoding_is_known(encoding: str, text: str) -> None:
    """Python's parser would read it, and no limit would have held."""
    body = text.encode(encoding)
    assert json.loads(body)
    assert in_another_encoding(body)


@pytest.mark.parametrize(
    "body", [b"{}", b"\xef\xbb\xbf[]", b"\x00\x00\x00\x20ftypisom", b"\xff\xd8\xff", b"", b"a\0b"]
)
def test_other_bytes_are_not_taken_for_it(body: bytes) -> None:
    """Pictures and films begin in many ways."""
    assert not in_another_encoding(body)


@pytest.mark.parametrize(
    "body, json_like",
    [(b"{}", True), (b" \r\n\t[", True), (b"\xef\xbb\xbf{}", True), (b'"a"', True), (b"", False),
     (b"1", False), (b"<a/>", False), (b"a=b", False), (b" " * 100 + b"[", True)],
)  # fmt: skip
def test_a_text_is_known_by_how_it_begins(body: bytes, json_like: bool) -> None:  # noqa: FBT001
    """What a lenient reader would take for a list, an object or a string."""
    assert looks_like_json(body) is json_like


def test_values_are_counted_in_a_text_of_no_other_excess() -> None:
    """Many in one list that it may hold are as many as in several."""
    limits = JsonLimits(values=5)
    assert broken(b"[1,2,3,4,5]", limits) == ""
    assert broken(b"[1,2,3,4,5,6]", limits) == "it has more than 5 values"
