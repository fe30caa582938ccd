import gc
import weakref
from collections.abc import Iterator

import pytest

from contracts import heap


class Node:
    """Something that can be part of a cycle."""

    other: "Node"


def cycle() -> "weakref.ref[Node]":
    """Make two objects that only they themselves refer to."""
    one, two = Node(), Node()
    one.other, two.other = two, one
    return weakref.ref(one)


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Let the other tests have the collector as it was."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_is_there_is_looked_at_no_more() -> None:
    """All that was there is left out of collections, and garbage is gone before."""
    garbage = cycle()
    heap.settle()
    assert garbage() is None
    assert gc.get_freeze_count() > len(gc.get_objects())


def test_what_comes_later_is_collected() -> None:
    """Garbage that is made afterwards does not stay."""
    heap.settle()
    garbage = cycle()
    gc.collect()
    assert garbage() is None


def test_many_objects_that_stay_are_seldom_looked_at() -> None:
    """As those of 2,000 connections; while what is young is collected as often as before."""
    heap.settle()
    heap.seldom()
    looks: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        looks.extend([info["generation"]] * (phase == "start"))

    gc.callbacks.append(note)
    try:
        kept: list[list[None]] = [[] for _ in range(100_000)]
    finally:
        gc.callbacks.remove(note)
    assert len(kept) == 100_000
    assert looks.count(2) == 0
    assert looks.count(1) > 10
    assert looks.count(0) > 100
