from pathlib import Path

import pytest

from ingress import routefile
from ingress.journal import opening
from ingress.journal.crypt import Keyring
from ingress.journal.record import JournalError
from ingress.journal.sqlite.store import SqliteStore
from tests.ingress.journal.recorded import full

KEY = "ab" * 32
ROUTES = "routes: [{route: GET /a, operation: a.b}]\n"


def test_the_journal_of_a_route_file_is_opened_with_its_keys(tmp_path: Path) -> None:
    """The path is beside the file, and what is encrypted can be read."""
    store = SqliteStore(tmp_path / "j.db")
    store.write([Keyring([bytes.fromhex(KEY)]).seal(full(1))])
    store.close()
    text = f'journal: {{store: j.db, keys: ["{KEY}"]}}\n{ROUTES}'
    reader = opening.of_route_file(routefile.parse(text.encode()), tmp_path)
    assert reader.get("r-1")[0].header("x-shop") == "a"
    reader.close()
    plain = opening.open_reader("j.db", tmp_path)
    assert plain.get("r-1")[0].locked
    plain.close()


def test_a_file_without_a_journal_says_so(tmp_path: Path) -> None:
    """Nobody is told that there are no records where none are written."""
    with pytest.raises(JournalError, match="has no journal: add"):
        opening.of_route_file(routefile.parse(ROUTES.encode()), tmp_path)
