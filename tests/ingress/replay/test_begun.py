import sqlite3
from collections.abc import Iterator

import pytest

from ingress.replay import begun
from ingress.replay.begun import Begun, Leaving


def leaving(number: int) -> Leaving:
    return Leaving(f"p-{number}", f"r-{number}", number, safe=False)


@pytest.fixture
def file() -> Iterator[sqlite3.Connection]:
    """A file with the table."""
    file = sqlite3.connect(":memory:", isolation_level=None)
    file.execute(begun.TABLE)
    yield file
    file.close()


def rows(file: sqlite3.Connection) -> int:
    return int(file.execute("SELECT count(*) FROM begun").fetchone()[0])


def test_a_row_goes_when_all_of_it_has_ended(file: sqlite3.Connection) -> None:
    """Calls that leave together are one row, which stays as long as one of them is on the way."""
    on_the_way = Begun(file)
    on_the_way.add("a", [leaving(1), leaving(2)])
    on_the_way.add("a", [leaving(3)])
    assert rows(file) == 2
    on_the_way.end("a", ["p-1", "p-3", "p-9"])
    on_the_way.end("b", ["p-2"])
    assert rows(file) == 1
    assert on_the_way.any()
    on_the_way.end("a", ["p-2"])
    assert not on_the_way.any()
    assert repr(on_the_way) == "<Begun 0 on the way>"


def test_another_process_takes_what_is_left(file: sqlite3.Connection) -> None:
    """What was on the way is given with its run, once; what ends afterwards does no harm."""
    first = Begun(file)
    first.add("a", [leaving(1), leaving(2)])
    first.add("b", [leaving(1)])
    second = Begun(file)
    assert list(second.take()) == [("a", leaving(1)), ("a", leaving(2)), ("b", leaving(1))]
    assert list(second.take()) == []
    first.end("a", ["p-1", "p-2"])
    assert rows(file) == 0


def test_a_run_is_forgotten(file: sqlite3.Connection) -> None:
    """Of one run, and of no other."""
    on_the_way = Begun(file)
    on_the_way.add("a", [leaving(1)])
    on_the_way.add("b", [leaving(1)])
    on_the_way.forget("a")
    assert list(on_the_way.take()) == [("b", leaving(1))]
