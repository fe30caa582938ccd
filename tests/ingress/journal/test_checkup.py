import sqlite3
from pathlib import Path

from contracts.deadline import now_ms
from ingress import routefile
from ingress.doctor import Finding, Verdict
from ingress.journal import checkup
from ingress.journal.crypt import Keyring
from ingress.journal.sqlite.store import SqliteStore
from tests.ingress.journal.recorded import full, record

ROUTES = "routes: [{route: GET /a, operation: a.b}]\n"


def look(folder: Path, journal: str = "journal: {}\n") -> list[Finding]:
    return checkup.look(routefile.parse((journal + ROUTES).encode()), folder)


def test_without_a_journal_there_is_nothing_to_say(tmp_path: Path) -> None:
    """A route file without one has no finding about it."""
    assert look(tmp_path, "") == []


def test_a_journal_that_is_not_there_yet_is_well(tmp_path: Path) -> None:
    """The gateway makes it, where the folder lets it."""
    (found,) = look(tmp_path)
    assert (found.verdict, found.what) == (Verdict.WELL, "journal journal.db")
    (missing,) = look(tmp_path, "journal: {store: no/j.db}\n")
    assert missing.verdict is Verdict.WRONG
    assert "make the folder" in missing.advice


def test_a_journal_tells_how_new_it_is(tmp_path: Path) -> None:
    """The age of the newest record shows whether it is being written."""
    store = SqliteStore(tmp_path / "journal.db")
    store.write([])
    assert look(tmp_path)[0].detail == "is empty"
    store.write([record(started=now_ms() - 200_000)])
    assert look(tmp_path)[0].detail == "the newest record is 3m old"
    store.write([Keyring([b"k" * 32]).seal(full(10**12))])
    assert look(tmp_path)[0].detail.endswith("encrypted with another key")
    store.close()


def test_a_sick_journal_is_wrong(tmp_path: Path) -> None:
    """What cannot be read is told, with what it means for requests."""
    sqlite3.connect(tmp_path / "journal.db").execute("CREATE TABLE t (a)").connection.close()
    (found,) = look(tmp_path)
    assert found.verdict is Verdict.WRONG
    assert "no journal of queuegate" in found.detail
    assert "requests are served all the same" in found.advice
