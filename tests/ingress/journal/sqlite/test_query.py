import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingress.journal.filter import Filter
from ingress.journal.place import Place
from ingress.journal.sqlite import query
from ingress.journal.sqlite.store import SqliteStore
from tests.ingress.journal.contract import FILTERS, MIXED
from tests.ingress.journal.recorded import START, record


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    store = SqliteStore(tmp_path / "journal.db")
    store.write(MIXED)
    yield store.connection()
    store.close()


@pytest.mark.parametrize(
    "wanted, newest, oldest",
    [
        (Filter(), "by_last", "by_first"),
        (Filter(since=START), "by_last", "by_first"),
        (Filter(until=START + 9), "by_last", "by_first"),
        (Filter(routes=("GET /v1/slow",)), "PRIMARY KEY", "kinds_first"),
        (Filter(statuses=((500, 599),)), "PRIMARY KEY", "kinds_first"),
        (Filter(slower=2_000_000), "PRIMARY KEY", "kinds_first"),
        (Filter(methods=("HEAD",), since=START), "PRIMARY KEY", "kinds_first"),
        (Filter(callers=("alice",)), "PRIMARY KEY", "askers_first"),
        (Filter(replayed=True), "by_replay", "by_replay"),
        (Filter(replay_of="r-0"), "by_original", "by_original"),
        (Filter(run="again"), "by_run", "by_run"),
    ],
)
@pytest.mark.parametrize("after", [None, Place(START + 5, 5)])
@pytest.mark.parametrize("direction", ["newest", "oldest"])
def test_an_index_gives_the_order(
    connection: sqlite3.Connection,
    wanted: Filter,
    newest: str,
    oldest: str,
    after: Place | None,
    direction: str,
) -> None:
    """Each filter is answered by its index, in order, without sorting what it gives."""
    said: list[str] = []
    connection.set_trace_callback(said.append)
    query.candidates(connection, wanted, most=5, after=after, oldest=direction == "oldest")
    connection.set_trace_callback(None)
    statements = [text for text in said if "ORDER BY" in text]
    assert statements
    for text in statements:
        plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}"))
        assert (oldest if direction == "oldest" else newest) in plan
        assert "TEMP B-TREE" not in plan


def test_nothing_is_read_when_no_kind_fits(connection: sqlite3.Connection) -> None:
    """A route that was never called costs no look at the calls."""
    said: list[str] = []
    connection.set_trace_callback(said.append)
    wanted = Filter(routes=("GET /never",))
    assert query.candidates(connection, wanted, most=5, after=None, oldest=False) == []
    connection.set_trace_callback(None)
    assert not [text for text in said if "packs" in text]


@pytest.mark.parametrize("most", [1, 3, 100])
@pytest.mark.parametrize("wanted, expected", FILTERS)
def test_candidates_hold_all_that_fits(
    connection: sqlite3.Connection, wanted: Filter, expected: str, most: int
) -> None:
    """What fits is among what the indexes give, and comes in order."""
    found = query.candidates(connection, wanted, most=most, after=None, oldest=False)
    assert found == sorted(set(found), reverse=True)
    if most == 100:
        assert {int(digit) for digit in expected} <= {place.started - START for place in found}


def test_a_page_reads_no_more_than_it_needs(connection: sqlite3.Connection, tmp_path: Path) -> None:
    """However many packs there are, those that can hold none of the first records stay unread."""
    store = SqliteStore(tmp_path / "journal.db")
    for number in range(20):
        store.write([record(1000 + 10 * number), record(1001 + 10 * number)])
    store.close()
    said: list[str] = []
    connection.set_trace_callback(said.append)
    found = query.candidates(connection, Filter(), most=3, after=None, oldest=False)
    connection.set_trace_callback(None)
    assert [place.started - START for place in found] == [1191, 1190, 1181]
    assert len([text for text in said if "SELECT heads" in text]) <= 4


def test_many_kinds_are_one_walk(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When too many kinds fit for a stream each, the time is walked and the others left out."""
    monkeypatch.setattr(query, "_MOST_STREAMS", 1)
    wanted = Filter(statuses=((200, 299),))
    kinds, every = query.kinds_of(connection, wanted)
    (source,) = query.sources(wanted, kinds, all_of_them=every)
    assert source.where == "1"
    found = query.candidates(connection, wanted, most=100, after=None, oldest=True)
    assert [place.started - START for place in found] == [0, 1, 3, 6, 8]
