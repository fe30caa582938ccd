import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingress.journal.entry import entries
from ingress.journal.filter import Filter
from ingress.journal.memory import MemoryJournal
from ingress.journal.record import Record
from ingress.journal.sqlite import packs, schema
from ingress.journal.sqlite.reader import SqliteReader
from ingress.journal.sqlite.retention import Retention
from ingress.journal.sqlite.store import SqliteStore
from tests.ingress.journal.contract import numbers
from tests.ingress.journal.recorded import START, record

TABLES = ("packs", "ids", "pack_kinds", "pack_askers", "replays")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = schema.open_to_write(tmp_path / "journal.db", patience=1)
    yield connection
    connection.close()


def rows(connection: sqlite3.Connection) -> list[int]:
    """Count the rows of each table."""
    return [
        connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - constants
        for table in TABLES
    ]


RECORDS = entries(
    [
        record(0),
        record(1, caller="ann"),
        record(2, replay_of="r-0", run="again"),
        record(3),
    ]
)


def test_records_of_one_write_share_a_row(connection: sqlite3.Connection) -> None:
    """The ids have a row each; kinds and callers have one a pack."""
    assert packs.insert(connection, 1, RECORDS, [1, 1, 2, 1]) == sum(len(r.stored) for r in RECORDS)
    assert rows(connection) == [1, 4, 2, 2, 1]
    assert packs.next_number(connection) == 5


def test_a_pack_is_found_by_any_of_its_numbers(connection: sqlite3.Connection) -> None:
    """A number before it, or behind it, finds nothing."""
    packs.insert(connection, 10, RECORDS, [1, 1, 2, 1])
    assert packs.load(connection, 9) is None
    for number in range(10, 14):
        pack = packs.load(connection, number)
        assert pack is not None
        assert (pack.seq, pack.stored(number - 10)) == (10, RECORDS[number - 10].stored)
    assert packs.load(connection, 14) is None


def test_what_is_left_of_a_pack_keeps_its_numbers(connection: sqlite3.Connection) -> None:
    """Deleting the first records leaves the others where cursors look for them."""
    packs.insert(connection, 1, RECORDS, [1, 1, 2, 1])
    whole = packs.load(connection, 1)
    assert whole is not None
    packs.remove(connection, whole, 2)
    assert packs.load(connection, 2) is None
    left = packs.load(connection, 4)
    assert left is not None
    assert (left.seq, len(left), left.stored(1)) == (3, 2, RECORDS[3].stored)
    assert list(left.heads.kinds) == [2, 1]
    assert rows(connection) == [1, 2, 2, 1, 1]


def test_nothing_is_left_of_a_pack_that_is_deleted(connection: sqlite3.Connection) -> None:
    """No index remembers what is gone, and other packs are not touched."""
    packs.insert(connection, 1, RECORDS, [1, 1, 2, 1])
    packs.insert(connection, 5, RECORDS, [1, 1, 2, 1])
    gone = packs.load(connection, 1)
    assert gone is not None
    packs.remove(connection, gone, 4)
    assert rows(connection) == [1, 4, 2, 2, 1]
    assert packs.load(connection, 5) is not None


def test_a_damaged_record_can_be_deleted(connection: sqlite3.Connection) -> None:
    """What cannot be read must not stay for ever."""
    packs.insert(connection, 1, RECORDS, [1, 1, 2, 1])
    connection.execute("UPDATE packs SET bodies = zeroblob(length(bodies))")
    pack = packs.load(connection, 1)
    assert pack is not None
    packs.remove(connection, pack, 4)
    assert rows(connection)[0] == 0


# Few moments and few callers, so that packs overlap in all of them.
_record = st.builds(
    lambda number, status, caller, seconds: record(
        number, status=status, caller=caller, duration_us=seconds * 1_000_000 + 10
    ),
    st.integers(0, 12),
    st.sampled_from([200, 404]),
    st.sampled_from(["ann", "bob"]),
    st.sampled_from([0, 0, 0, 2]),
)
_wanted = st.sampled_from(
    [
        Filter(),
        Filter(callers=("ann", "bob")),
        Filter(statuses=((404, 404),)),
        Filter(since=START + 3, until=START + 9),
        Filter(slower=2_000_000, callers=("bob",)),
    ]
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    batches=st.lists(st.lists(_record, max_size=6), max_size=5),
    wanted=_wanted,
    oldest=st.booleans(),
    size=st.integers(1, 5),
    count=st.none() | st.integers(1, 8),
)
def test_any_packs_are_one_journal(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[list[Record]],
    wanted: Filter,
    oldest: bool,  # noqa: FBT001
    size: int,
    count: int | None,
) -> None:
    """However records were written, and whatever was deleted, pages give what memory would."""
    store = SqliteStore(tmp_path_factory.mktemp("any") / "j.db", Retention(count=count))
    store.write([])
    for batch in batches:
        store.write(batch)
    reader = SqliteReader(store.path)
    every = reader.news("0", Filter())[0]
    while store.tidy():
        pass
    left = every[-count:] if count else every
    model = MemoryJournal(sorted(left, key=lambda one: int(one.place.partition("-")[2])))
    found: list[Record] = []
    after = ""
    while page := list(reader.find(wanted, limit=size, after=after, oldest=oldest)):
        found += page
        after = page[-1].place
    assert numbers(found) == numbers(list(model.find(wanted, oldest=oldest)))
    assert reader.count(wanted) == len(found)
    store.close()
    reader.close()
