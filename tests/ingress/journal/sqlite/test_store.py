import sqlite3
from pathlib import Path
from threading import Thread

import pytest

from ingress.journal.filter import Filter
from ingress.journal.record import JournalError
from ingress.journal.sqlite import packs
from ingress.journal.sqlite.reader import SqliteReader
from ingress.journal.sqlite.store import SqliteStore
from tests.ingress.journal.recorded import record


def count(path: Path) -> int:
    reader = SqliteReader(path)
    try:
        return reader.count(Filter())
    finally:
        reader.close()


def test_batches_of_any_size_are_written(tmp_path: Path) -> None:
    """One record, a statement full, and one more than that all arrive."""
    store = SqliteStore(tmp_path / "journal.db")
    for size in (1, 64, 65, 200):
        store.write([record(number) for number in range(size)])
    assert count(store.path) == 330
    store.close()


def test_several_processes_share_a_file(tmp_path: Path) -> None:
    """Stores that write at the same time, with the same new kinds, lose nothing."""
    path = tmp_path / "journal.db"

    def write(first: int) -> None:
        store = SqliteStore(path)
        for number in range(first, first + 50):
            store.write([record(number, status=200 + number % 7)])
        store.close()

    threads = [Thread(target=write, args=(first,)) for first in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert count(path) == 150
    reader = SqliteReader(path)
    assert reader.count(Filter(statuses=((200, 200),))) == len(
        [n for first in (0, 100, 200) for n in range(first, first + 50) if n % 7 == 0]
    )
    reader.close()


def test_a_batch_is_written_whole_or_not(tmp_path: Path) -> None:
    """When one record of a batch cannot be written, none is, and the next batch is well."""
    store = SqliteStore(tmp_path / "journal.db")
    with pytest.raises(TypeError):
        store.write([record(1, status=201), record(2, started=None, duration_us=9_000)])
    store.write([record(3, status=201)])
    reader = SqliteReader(store.path)
    assert [one.id for one in reader.find(Filter(statuses=((201, 201),)))] == ["r-3"]
    reader.close()
    store.close()


def test_a_locked_file_is_told_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody else holds the file a write fails in words; afterwards it succeeds."""
    monkeypatch.setattr("ingress.journal.sqlite.store._PATIENCE", 0.01)
    store = SqliteStore(tmp_path / "journal.db")
    store.write([record(1)])
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match="locked; who holds it"):
        store.write([record(2)])
    holder.execute("ROLLBACK")
    holder.close()
    store.write([record(2)])
    assert count(store.path) == 2
    store.close()


@pytest.mark.parametrize("how", ["removed", "moved"])
def test_a_file_that_was_taken_away_is_begun_anew(tmp_path: Path, how: str) -> None:
    """An operator may remove or move the file under a running gateway."""
    store = SqliteStore(tmp_path / "journal.db")
    store.write([record(1)])
    if how == "moved":
        store.path.rename(tmp_path / "old.db")
    else:
        store.path.unlink()
    store.write([record(2), record(3)])
    assert count(store.path) == 2
    store.close()


def test_methods_that_clients_invent_share_a_kind(tmp_path: Path) -> None:
    """No client can fill the table of kinds, and each record still says its method."""
    store = SqliteStore(tmp_path / "journal.db")
    store.write([record(number, method=f"X{number}") for number in range(50)])
    connection = store.connection()
    assert connection.execute("SELECT method FROM kinds").fetchall() == [("*",)]
    reader = SqliteReader(store.path)
    assert [one.id for one in reader.find(Filter(methods=("X7",)))] == ["r-7"]
    reader.close()
    store.close()


def test_codes_that_workers_invent_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a number of kinds new codes share one, and are found all the same."""
    monkeypatch.setattr("ingress.journal.sqlite.store._MOST_KINDS", 10)
    store = SqliteStore(tmp_path / "journal.db")
    store.write([record(number, status=409, code=f"code_{number}") for number in range(50)])
    assert store.connection().execute("SELECT count(*) FROM kinds").fetchone() == (11,)
    reader = SqliteReader(store.path)
    assert [one.id for one in reader.find(Filter(codes=("code_49",)))] == ["r-49"]
    reader.close()
    store.close()


def test_a_pack_is_bounded_in_bytes_and_in_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who wants one record reads its pack, so large ones share it with few."""
    size = len(record(0).stored)
    store = SqliteStore(tmp_path / "journal.db")

    def written(count: int) -> list[int]:
        known = store.connection().execute("SELECT coalesce(max(seq), 0) FROM packs").fetchone()[0]
        store.write([record(number) for number in range(count)])
        rows = store.connection().execute(
            "SELECT count FROM packs WHERE seq > ? ORDER BY seq", (known,)
        )
        return [many for (many,) in rows.fetchall()]

    monkeypatch.setattr(packs, "LARGEST", 3 * size + size // 2)
    assert written(7) == [3, 3, 1]
    monkeypatch.setattr(packs, "LARGEST", 100 * size)
    monkeypatch.setattr(packs, "MOST", 5)
    assert written(7) == [5, 2]
    store.close()
