import sqlite3
from collections.abc import Iterator

import pytest

from ingress.replay import packs
from ingress.replay.packs import Head, Packed, Packs
from ingress.replay.runs import State


def call(number: int, state: State = State.ANSWERED, stored: bytes | None = None) -> Packed:
    head = Head(f"p-{number}", f"r-{number}", number, state)
    return Packed(head, b"%d" % number if stored is None else stored)


@pytest.fixture
def file() -> Iterator[sqlite3.Connection]:
    """A file with the tables, and two runs to one target, the second the newer."""
    file = sqlite3.connect(":memory:", isolation_level=None)
    file.executescript(packs.TABLES)
    file.execute("CREATE TABLE runs (run TEXT PRIMARY KEY, started INTEGER, target TEXT)")
    file.execute("INSERT INTO runs VALUES ('a', 1, 'x'), ('b', 2, 'x')")
    yield file
    file.close()


def test_calls_are_found_in_their_packs(file: sqlite3.Connection) -> None:
    """All of a run in the order of writing, and one by its place, whichever pack it is in."""
    written = Packs(file)
    written.add("a", [call(1), call(2)])
    assert written.one("a", "p-3") is None
    written.add("b", [call(1, stored=b"other")])
    written.add("a", [call(3)])
    for some in (written, Packs(file)):
        assert list(some.stored("a")) == [b"1", b"2", b"3"]
        assert [some.one("a", f"p-{number}") for number in (3, 1, 2, 4)] == [b"3", b"1", b"2", None]
        assert some.one("b", "p-1") == b"other"
        assert some.one("c", "p-1") is None
    written.add("a", [])
    assert list(written.stored("a")) == [b"1", b"2", b"3"]


def test_the_last_word_counts(file: sqlite3.Connection) -> None:
    """A call that was tried again stands in a later pack, and is given once."""
    written = Packs(file)
    written.add("a", [call(1, State.UNSENT, b"no"), call(2)])
    assert written.one("a", "p-1") == b"no"
    written.add("a", [call(1, State.BEGUN, b"begun")])
    assert written.states("a") == {"p-1": State.BEGUN, "p-2": State.ANSWERED}
    written.add("a", [call(1, stored=b"yes"), call(3)])
    assert written.states("a")["p-1"] == State.ANSWERED
    assert list(written.stored("a")) == [b"2", b"yes", b"3"]
    assert written.one("a", "p-1") == b"yes"


def test_originals_are_found_by_their_moment(file: sqlite3.Connection) -> None:
    """The runs to a target that know a call, the newest first, each with its last word."""
    written = Packs(file)
    written.add("a", [call(number) for number in range(100)])
    written.add("b", [call(5, State.UNSENT), call(7)])
    written.add("b", [call(5, State.UNKNOWN)])
    written.add("b", [call(900), call(20)])
    assert list(written.sent("r-5", 5, "x")) == [("b", State.UNKNOWN), ("a", State.ANSWERED)]
    assert list(written.sent("r-99", 99, "x")) == [("a", State.ANSWERED)]
    assert list(written.sent("r-20", 20, "x")) == [("b", State.ANSWERED), ("a", State.ANSWERED)]
    assert list(written.sent("r-5", 6, "x")) == []
    assert list(written.sent("r-5", 5, "y")) == []


def test_packs_are_bounded(file: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """In calls and in bytes; one that is too large by itself is a pack all the same."""
    monkeypatch.setattr(packs, "MOST", 3)
    monkeypatch.setattr(packs, "LARGEST", 10)
    written = Packs(file)
    calls = [call(number) for number in range(7)] + [call(7, stored=b"x" * 20), call(8)]
    written.add("a", calls)
    assert list(written.stored("a")) == [one.stored for one in calls]
    assert file.execute("SELECT count(*) FROM packs").fetchone() == (5,)


def test_what_is_read_again_and_again_is_bounded(file: sqlite3.Connection) -> None:
    """However large a run is, only so many of its packs are in memory."""
    written = Packs(file)
    for number in range(100):
        written.add("a", [call(number)])
    for number in range(100):
        assert written.one("a", f"p-{number}") == b"%d" % number
        assert next(written.sent(f"r-{number}", number, "x")) == ("a", State.ANSWERED)
    assert (len(written._read), len(written._known)) == (8, 64)


def test_a_run_is_forgotten(file: sqlite3.Connection) -> None:
    """Nothing of it is found again, and what comes after it is not taken for it."""
    written = Packs(file)
    written.add("a", [call(1)])
    assert written.one("a", "p-1") == b"1"
    written.forget("a")
    assert written.one("a", "p-1") is None
    assert list(written.sent("r-1", 1, "x")) == []
    written.add("b", [call(1, stored=b"new")])
    assert written.one("b", "p-1") == b"new"


def test_rows_of_before_become_packs(file: sqlite3.Connection) -> None:
    """Each run keeps its calls in their order, and the table is gone."""
    file.execute("CREATE TABLE sends (run, place, original, started, state, record)")
    for run, number in (("a", 1), ("b", 2), ("a", 3)):
        row = (run, f"p-{number}", f"r-{number}", number, State.ANSWERED, b"%d" % number)
        file.execute("INSERT INTO sends VALUES (?, ?, ?, ?, ?, ?)", row)
    packs.take_over(file)
    assert list(Packs(file).stored("a")) == [b"1", b"3"]
    assert Packs(file).states("b") == {"p-2": State.ANSWERED}
    assert file.execute("SELECT 1 FROM sqlite_master WHERE name = 'sends'").fetchone() is None
