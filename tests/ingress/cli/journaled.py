"""A folder with a route file, a journal and records in it, for the tests of ``queuegate log``."""

from collections.abc import Iterable
from pathlib import Path

from ingress.journal.record import Record
from ingress.journal.sqlite.store import SqliteStore
from tests.ingress.journal.contract import MIXED

TEXT = """\
journal: {}
routes:
  - {route: GET /v1/slow, operation: shop.slow}
  - {route: POST /v1/orders, operation: shop.create}
"""


def fill(folder: Path, records: Iterable[Record] = MIXED) -> None:
    """Write a route file with a journal, and these records into it."""
    (folder / "gateway.yaml").write_text(TEXT)
    store = SqliteStore(folder / "journal.db")
    store.write(list(records))
    store.close()
