"""The tables of a journal file, and how the file is opened.

Records that were written together are a pack, which is one row of ``packs``. Route, method, status,
fault code and the power of two of the duration (``pace``) are few in their combinations: each has
one row in ``kinds``, and ``pack_kinds`` says which packs have which. So one index serves every
filter on them: the kinds that fit are looked up first, and the packs of each are in order of time.
There are two orders, by a pack's first record and by its last, since packs overlap.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ingress.journal.record import JournalError

VERSION: Final = 2
# "QGJL", so that no other file is taken for a journal.
APPLICATION: Final = 0x51474A4C

# Without row ids the key's columns come first: SQLite's own check of a file is wrong otherwise.
_TABLES: Final = """
CREATE TABLE kinds (
  kind INTEGER PRIMARY KEY,
  route TEXT NOT NULL, method TEXT NOT NULL, status INTEGER NOT NULL, code TEXT NOT NULL,
  pace INTEGER NOT NULL,
  UNIQUE (route, method, status, code, pace)
);
CREATE TABLE packs (
  seq INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL,
  slowest INTEGER NOT NULL,
  heads BLOB NOT NULL,
  bodies BLOB NOT NULL
);
CREATE INDEX by_first ON packs (first, seq, last, slowest);
CREATE INDEX by_last ON packs (last, seq, first, slowest);
CREATE INDEX by_span ON packs (last - first);
CREATE TABLE pack_kinds (
  kind INTEGER NOT NULL, last INTEGER NOT NULL, seq INTEGER NOT NULL, first INTEGER NOT NULL,
  PRIMARY KEY (kind, last, seq)
) WITHOUT ROWID;
CREATE INDEX kinds_first ON pack_kinds (kind, first, seq, last);
CREATE TABLE pack_askers (
  asker TEXT NOT NULL, last INTEGER NOT NULL, seq INTEGER NOT NULL, first INTEGER NOT NULL,
  PRIMARY KEY (asker, last, seq)
) WITHOUT ROWID;
CREATE INDEX askers_first ON pack_askers (asker, first, seq, last);
CREATE TABLE ids (
  id TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (id, number)
) WITHOUT ROWID;
CREATE TABLE replays (
  number INTEGER PRIMARY KEY, started INTEGER NOT NULL, replay_of TEXT NOT NULL, run TEXT NOT NULL
);
CREATE INDEX by_replay ON replays (started, number) WHERE replay_of > '';
CREATE INDEX by_original ON replays (replay_of, started, number);
CREATE INDEX by_run ON replays (run, started, number);
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
