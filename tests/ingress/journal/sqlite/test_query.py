import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingress.journal.filter import Filter
from ingress.journal.place import Place
from ingress.journal.sqlite import query
from ingress.journal.sqlite.store import SqliteStore
from tests.ingress.journal.contract import FILTERS, MIXED
from tests.ingress.journal.recorded import START


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    store = SqliteStore(tmp_path / "journal.db")
    store.write(MIXED)
    yield store.connection()
    store.close()


@pytest.mark.parametrize(
    "wanted, index",
    [
        (Filter(), "by_time"),
        (Filter(since=START), "by_time"),
        (Filter(routes=("GET /v1/slow",)), "by_kind"),
        (Filter(statuses=((500, 599),)), "by_kind"),
        (Filter(slower=2_000_000), "by_kind"),
        (Filter(methods=("HEAD",), since=START), "by_kind"),
        (Filter(callers=("alice",)), "by_caller"),
        (Filter(ids=("r-1",)), "by_id"),
        (Filter(replayed=True), "by_replay"),
        (Filter(replay_of="r-0"), "by_original"),
        (Filter(run="again"), "by_run"),
    ],
)
@pytest.mark.parametrize("after", [None, Place(START + 5, 5)])
def test_an_index_gives_the_order(
    connection: sqlite3.Connection, wanted: Filter, index: str, after: Place | None
) -> None:
    """Each filter is answered by its index, in order, without sorting what it gives."""
    said: list[str] = []
    connection.set_trace_callback(said.append)
    query.candidates(connection, wanted, most=5, after=after, oldest=False)
    connection.set_trace_callback(None)
    statements = [text for text in said if "INDEXED BY" in text]
    assert statements
    for text in statements:
        plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}"))
        assert index in plan
        # By id or original there are but a few, and no index could hold their order too.
        assert "TEMP B-TREE" not in plan or index in {"by_id", "by_original"}


def test_nothing_is_read_when_no_kind_fits(connection: sqlite3.Connection) -> None:
    """A route that was never called costs no look at the calls."""
    assert query.sources(connection, Filter(routes=("GET /never",))) == []


@pytest.mark.parametrize("most", [1, 3, 100])
@pytest.mark.parametrize("wanted, expected", FILTERS)
def test_candidates_hold_all_that_fits(
    connection: sqlite3.Connection, wanted: Filter, expected: str, most: int
) -> None:
    """What fits is among what the indexes give, and comes in order."""
    found = query.candidates(connection, wanted, most=most, after=None, oldest=False)
    assert found == sorted(found, reverse=True)
    if most == 100:
        assert {int(digit) for digit in expected} <= {place.started - START for place in found}


def test_many_kinds_are_one_walk(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When too many kinds fit for a stream each, the time is walked and the others left out."""
    monkeypatch.setattr(query, "_MOST_STREAMS", 1)
    wanted = Filter(statuses=((200, 299),))
    assert [one.index for one in query.sources(connection, wanted)] == ["by_time"]
    found = query.candidates(connection, wanted, most=100, after=None, oldest=True)
    assert [place.started - START for place in found] == [0, 1, 3, 6, 8]
