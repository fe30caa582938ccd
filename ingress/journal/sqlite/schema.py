"""The tables of a journal file, and how the file is opened.

``calls`` has one row a record, in the order in which they were written. What a filter asks for
stands in columns, all else in ``record``. Route, method, status, fault code and the power of two
of the duration (``pace``) are few in their combinations: each has one row in ``kinds``. So one
index serves every filter on them: the kinds that fit are looked up first, and each kind is in
order of time.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ingress.journal.record import JournalError

VERSION: Final = 1
# "QGJL", so that no other file is taken for a journal.
APPLICATION: Final = 0x51474A4C

_TABLES: Final = """
CREATE TABLE kinds (
  kind INTEGER PRIMARY KEY,
  route TEXT NOT NULL, method TEXT NOT NULL, status INTEGER NOT NULL, code TEXT NOT NULL,
  pace INTEGER NOT NULL,
  UNIQUE (route, method, status, code, pace)
);
CREATE TABLE calls (
  seq INTEGER PRIMARY KEY,
  started INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  duration INTEGER NOT NULL,
  id TEXT NOT NULL,
  caller TEXT,
  replay_of TEXT,
  run TEXT,
  record BLOB NOT NULL
);
CREATE INDEX by_time ON calls (started, seq, kind, duration);
CREATE INDEX by_kind ON calls (kind, started, seq, duration);
CREATE INDEX by_id ON calls (id);
CREATE INDEX by_caller ON calls (caller, started) WHERE caller IS NOT NULL;
CREATE INDEX by_replay ON calls (started) WHERE replay_of IS NOT NULL;
CREATE INDEX by_original ON calls (replay_of) WHERE replay_of IS NOT NULL;
CREATE INDEX by_run ON calls (run, started) WHERE run IS NOT NULL;
"""

# Bytes. What the log of changes shrinks to when it was emptied after a rush.
_WAL_BYTES: Final = 64 * 1024**2
_PRIVATE: Final = 0o600


def open_to_write(path: Path, *, patience: float) -> sqlite3.Connection:
    """Open a journal, and make it if it is not there; ``patience`` in seconds for a lock.

    Raises ``JournalError``. Only its owner may read a file that is made here.
    """
    with told(path):
        # SQLite would make it readable for all, and its -wal and -shm are made like it.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _PRIVATE))
        connection = _connect(path, patience)
        try:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            # A process that dies loses nothing by this; a machine may lose its last batches.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
            _make(connection)
            _check(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def open_to_read(path: Path, *, patience: float = 5.0) -> sqlite3.Connection:
    """Open a journal that is there. Raises ``JournalError``."""
    if not path.is_file():
        raise JournalError(
            f"there is no journal at {path}: has a gateway run with `journal:` in its route file?"
        )
    with told(path):
        connection = _connect(path, patience)
        try:
            connection.execute("PRAGMA query_only = ON")
            _check(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into a ``JournalError``."""
    try:
        yield
    except sqlite3.Error as error:
        raise JournalError(f"journal {path}: {error}{_advice(error)}") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise JournalError(f"journal {path}: {reason}") from error


def _connect(path: Path, patience: float) -> sqlite3.Connection:
    # rw: never make one by looking for it.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )


def _make(connection: sqlite3.Connection) -> None:
    """Make the tables, in one transaction: several processes may start at once."""
    if _pragma(connection, "application_id"):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _pragma(connection, "application_id") and not _has_tables(connection):
            for statement in filter(str.strip, _TABLES.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if _pragma(connection, "application_id") != APPLICATION:
        raise JournalError(f"{path} is no journal of queuegate")
    version = _pragma(connection, "user_version")
    if version != VERSION:
        raise JournalError(
            f"journal {path} has schema {version} and this queuegate knows {VERSION}: "
            "read it with the version that wrote it, or begin a new file"
        )


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone())


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _advice(error: sqlite3.Error) -> str:
    """Say what to do, by SQLite's own code."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return "; move it away, and a new one is begun"
    if code == sqlite3.SQLITE_BUSY:
        return "; who holds it?"
    return ""
