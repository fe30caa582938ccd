from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from ingress.journal.filter import Filter
from ingress.journal.reader import Reader
from ingress.journal.record import Content, JournalError, Record
from ingress.journal.sqlite.reader import SqliteReader
from ingress.journal.sqlite.store import SqliteStore
from tests.ingress.journal.contract import ReaderContract, Written
from tests.ingress.journal.recorded import record


class TestSqliteReader(ReaderContract):
    @pytest.fixture
    def written(self, tmp_path: Path) -> Iterator[Written]:
        opened: list[SqliteReader] = []

        def write(records: Sequence[Record]) -> Reader:
            store = SqliteStore(tmp_path / "journal.db")
            store.write(records)
            store.close()
            opened.append(SqliteReader(store.path))
            return opened[-1]

        yield write
        for reader in opened:
            reader.close()


def test_a_reader_sees_what_is_written_meanwhile(tmp_path: Path) -> None:
    """Reader and writer may have the file open at once, and neither waits for the other."""
    store = SqliteStore(tmp_path / "journal.db")
    store.write([record(1)])
    reader = SqliteReader(store.path)
    mark = reader.mark()
    found = reader.find(Filter())
    assert next(found).id == "r-1"
    store.write([record(2)])
    assert [one.id for one in reader.news(mark, Filter())[0]] == ["r-2"]
    assert reader.count(Filter()) == 2
    reader.close()
    store.close()


def test_records_are_unlocked_before_they_are_looked_at(tmp_path: Path) -> None:
    """What the key opens can be found by what is in it."""
    store = SqliteStore(tmp_path / "journal.db")
    store.write([record(1, content=b"sealed", key="k1")])

    def unlock(one: Record) -> Record:
        return msgspec.structs.replace(one, content=Content(request_headers=(("a", "b"),)))

    reader = SqliteReader(store.path, unlock)
    assert [one.id for one in reader.find(Filter(headers=(("a", "b"),)))] == ["r-1"]
    reader.close()
    store.close()


def test_a_file_that_vanishes_is_told(tmp_path: Path) -> None:
    """A journal whose bytes were overwritten is an error in words, not a crash."""
    store = SqliteStore(tmp_path / "journal.db")
    store.write([record(number) for number in range(500)])
    store.close()
    reader = SqliteReader(store.path)
    store.path.write_bytes(b"x" * store.path.stat().st_size)
    with pytest.raises(JournalError, match=r"journal\.db: "):
        list(reader.find(Filter()))
    reader.close()
