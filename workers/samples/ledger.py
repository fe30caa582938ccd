"""Where the sample shop keeps its orders: one SQLite file that all worker processes share.

Workers compete for calls, so the one that answers ``get`` is seldom the one that answered
``create``. A real service would have a database server here.
"""

import os
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from workers.samples.catalogue import PRODUCTS

# Seconds that a writer waits for another process; far more than a write takes.
_PATIENCE: Final = 5.0

_TABLES: Final = """
create table if not exists orders (
  id text primary key,
  made integer not null,
  status text not null,
  body text not null
);
create index if not exists orders_by_status on orders (status, made);
create table if not exists stock (sku text primary key, pieces integer not null);
"""


class Ledger:
    """Orders and stock in the SQLite file at ``path``; safe to use from several threads."""

    def __init__(self, path: Callable[[], Path]) -> None:
        # Asked late: importing a service must not make files.
        self._path = path
        self._local = threading.local()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside a transaction that no other writer can interleave with."""
        connection = self._connection()
        connection.execute("begin immediate")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()

    def take(self, connection: sqlite3.Connection, sku: str, pieces: int) -> int | None:
        """Take pieces from the stock; when there are too few, take none and give what is left."""
        (left,) = connection.execute("select pieces from stock where sku = ?", (sku,)).fetchone()
        if left < pieces:
            return int(left)
        self.put_back(connection, sku, -pieces)
        return None

    def put_back(self, connection: sqlite3.Connection, sku: str, pieces: int) -> None:
        """Put pieces back into the stock."""
        connection.execute("update stock set pieces = pieces + ? where sku = ?", (pieces, sku))

    def save(
        self,
        connection: sqlite3.Connection,
        key: str,
        made: int,
        status: str,
        order: msgspec.Struct,
    ) -> None:
        """Write an order down, in place of what was there."""
        connection.execute(
            "insert or replace into orders values (?, ?, ?, ?)",
            (key, made, status, msgspec.json.encode(order).decode()),
        )

    def find(self, key: str) -> str | None:
        """Give an order as JSON, ``None`` when there is none."""
        row = self._connection().execute("select body from orders where id = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def latest(self, status: str | None, limit: int) -> list[str]:
        """Give the latest orders as JSON, the newest first."""
        rows = self._connection().execute(
            "select body from orders where ?1 is null or status = ?1"
            " order by made desc, rowid desc limit ?2",
            (status, limit),
        )
        return [str(body) for (body,) in rows]

    def _connection(self) -> sqlite3.Connection:
        # One a thread: SQLite's connections are not for sharing.
        path = self._path()
        if getattr(self._local, "path", None) != path:
            self._local.connection = _open(path)
            self._local.path = path
        connection: sqlite3.Connection = self._local.connection
        return connection


def default_path() -> Path:
    """Give ``$ORDERS_DB``, or a file of this user's in the temporary folder.

    Raises ``PermissionError`` when somebody else has put something in its place: the temporary
    folder belongs to everybody.
    """
    named = os.environ.get("ORDERS_DB")
    if named:
        return Path(named)
    folder = Path(tempfile.gettempdir()) / f"queuegate-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
        raise PermissionError(f"{folder} is not ours; set ORDERS_DB")
    return folder / "orders.sqlite"


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    # Readers do not wait for writers; a sample's orders need not survive a power cut.
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = off")
    connection.executescript(_TABLES)
    connection.executemany(
        "insert or ignore into stock values (?, ?)",
        [(product.sku, product.stock) for product in PRODUCTS.values()],
    )
    return connection
