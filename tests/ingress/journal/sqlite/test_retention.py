import sqlite3
import time
from pathlib import Path

import pytest

from ingress.journal.sqlite import heads, retention
from ingress.journal.sqlite.retention import Retention
from ingress.journal.sqlite.store import SqliteStore
from tests.ingress.journal.recorded import START, full, record


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "journal.db")


def left(connection: sqlite3.Connection) -> list[int]:
    rows = connection.execute("SELECT heads FROM packs").fetchall()
    return sorted(one - START for (columns,) in rows for one in heads.read(columns).started)


def test_what_is_too_old_is_deleted(store: SqliteStore) -> None:
    """Records that started before the age are deleted, and no others."""
    store.write([record(number * 1000) for number in range(10)])
    connection = store.connection()
    assert retention.tidy(connection, Retention(age=5), now=START / 1000 + 8)
    assert left(connection) == [number * 1000 for number in range(3, 10)]
    assert not retention.tidy(connection, Retention(age=5), now=START / 1000 + 8)
    store.close()


def test_what_is_too_old_goes_a_slice_at_a_time(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much there is of it: others want to write."""
    monkeypatch.setattr(retention, "_SLICE", 3)
    for first in range(0, 10, 2):
        store.write([record(first), record(first + 1)])
    connection = store.connection()
    counts = []
    while retention.tidy(connection, Retention(age=1), now=START / 1000 + 60):
        counts.append(len(left(connection)))
    assert counts == [6, 2, 0]
    store.close()


def test_what_is_too_many_is_deleted(store: SqliteStore) -> None:
    """The last records that were written stay, as many as are wanted."""
    store.write([record(number) for number in range(10)])
    connection = store.connection()
    assert retention.tidy(connection, Retention(count=4))
    assert left(connection) == [6, 7, 8, 9]
    assert not retention.tidy(connection, Retention(count=4))
    store.close()


def test_what_is_too_large_is_deleted_in_slices(store: SqliteStore) -> None:
    """A file that is too large loses its oldest records a slice at a time, and shrinks."""
    for first in range(0, 3000, 500):
        store.write([full(first + n, request_body=b"x" * 2000) for n in range(500)])
    connection = store.connection()
    slices = 0
    while retention.tidy(connection, Retention(size=2_000_000)):
        slices += 1
        assert slices < 50
    assert slices > 3
    assert left(connection)[-1] == 2999
    assert 700 < len(left(connection)) < 900
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert store.path.stat().st_size < 4_500_000
    store.close()


def test_without_limits_nothing_is_deleted(store: SqliteStore) -> None:
    """No limit keeps all, and an empty journal has nothing to delete."""
    connection = store.connection()
    assert not retention.tidy(connection, Retention(age=1, size=10**9, count=1))
    store.write([record(0)])
    assert not retention.tidy(connection, Retention())
    assert left(connection) == [0]
    store.close()


def test_the_store_is_tidied_by_its_own_limits(tmp_path: Path) -> None:
    """The store that the writer holds deletes what its settings say."""
    store = SqliteStore(tmp_path / "journal.db", Retention(age=60))
    now = int(time.time() * 1000)
    store.write([record(1), record(2, started=now)])
    assert store.tidy()
    assert left(store.connection()) == [now - START]
    store.close()
