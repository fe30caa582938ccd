import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from ingress.journal.record import JournalError
from ingress.journal.sqlite import schema


def test_a_journal_is_made_once(tmp_path: Path) -> None:
    """Opening it again finds the same file, with the same tables."""
    path = tmp_path / "journal.db"
    schema.open_to_write(path, patience=1).close()
    schema.open_to_write(path, patience=1).close()
    schema.open_to_read(path).close()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """The file, and those that SQLite keeps beside it, are nobody else's."""
    path = tmp_path / "journal.db"
    connection = schema.open_to_write(path, patience=1)
    connection.execute("INSERT INTO kinds VALUES (1, '', '', 0, '', 0)")
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["journal.db", "journal.db-shm", "journal.db-wal"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    connection.close()


def test_a_journal_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Looking for a journal makes none, and says where one was looked for."""
    with pytest.raises(JournalError, match=r"there is no journal at .*journal\.db"):
        schema.open_to_read(tmp_path / "journal.db")
    assert list(tmp_path.iterdir()) == []


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    """A database of somebody else is not taken for a journal, nor made one."""
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE orders (id)")
    other.close()
    for opening in (schema.open_to_read, _open_to_write):
        with pytest.raises(JournalError, match="no journal of queuegate"):
            opening(path)
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("orders",)]
    other.close()


def _open_to_write(path: Path) -> sqlite3.Connection:
    return schema.open_to_write(path, patience=1)


@pytest.mark.parametrize("opening", [schema.open_to_read, _open_to_write])
def test_a_file_of_garbage_is_told(
    tmp_path: Path, opening: Callable[[Path], sqlite3.Connection]
) -> None:
    """What is no database is an error in words that says what to do."""
    path = tmp_path / "journal.db"
    path.write_bytes(b"garbage " * 1000)
    with pytest.raises(JournalError, match="not a database; move it away"):
        opening(path)


def test_a_newer_schema_is_told(tmp_path: Path) -> None:
    """A file of a later program is neither read nor changed."""
    path = tmp_path / "journal.db"
    connection = schema.open_to_write(path, patience=1)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(JournalError, match="has schema 9 and this queuegate knows 2"):
        schema.open_to_read(path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A path that cannot be made is an error that names it."""
    with pytest.raises(JournalError, match=r"no/journal\.db: no such file"):
        schema.open_to_write(tmp_path / "no" / "journal.db", patience=1)
