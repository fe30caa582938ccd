"""Opens a journal to be read: the one of a route file, or one that was named."""

from pathlib import Path

from ingress.journal.compiled import keyring
from ingress.journal.crypt import Keyring
from ingress.journal.reader import Reader
from ingress.journal.record import JournalError
from ingress.journal.sqlite.reader import SqliteReader
from ingress.routefile import RouteFile


def of_route_file(route_file: RouteFile, folder: Path) -> Reader:
    """Open the journal of a route file that lies in ``folder``. Raises ``JournalError``."""
    if route_file.journal == "off":
        source = route_file.document.source
        raise JournalError(f"{source} has no journal: add `journal: {{}}`, or name one")
    return open_reader(route_file.journal.store, folder, keyring(route_file))


def open_reader(store: str, folder: Path, ring: Keyring | None = None) -> Reader:
    """Open a store by its name in a route file; a path is relative to ``folder``.

    ``ring`` opens what is encrypted. Raises ``JournalError`` when there is none.
    """
    ring = ring or Keyring()
    return SqliteReader(folder / store, ring.unlock)
