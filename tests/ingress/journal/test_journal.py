from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.call import Reply
from contracts.fault import Fault
from ingress import routefile
from ingress.flow import Flow
from ingress.journal.filter import Filter
from ingress.journal.journal import Journal, open_store
from ingress.journal.recording import Recording
from ingress.journal.sections import JournalSection
from ingress.journal.sqlite.reader import SqliteReader
from ingress.routefile import RouteFile
from tests.ingress import scripted
from tests.ingress.journal.test_writer import Counting, ScriptedStore

ROUTES = "routes: [{route: GET /x, operation: a.b}]\n"


def file(text: str) -> RouteFile:
    return routefile.parse((text + "\n" + ROUTES).encode(), environment={})


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def journal(log: list[str]) -> Iterator[Journal]:
    built = Journal(
        file("journal: {when_full: push_back, buffer: 1MiB}"),
        ScriptedStore(),
        meter=Counting(),
        report=lambda _, text: log.append(text),
    )
    yield built
    built.start()
    built.stop()


async def answer(_: Flow) -> Reply:
    return scripted.OK


async def test_a_full_journal_pushes_back_where_that_is_asked_for(journal: Journal) -> None:
    """Requests that could not be recorded are refused, and others are served."""
    guarded = journal.guard(answer)
    recorded = scripted.flow(scripted.plan(journal=Recording(level="full")))
    unrecorded = scripted.flow(scripted.plan())
    assert await guarded(recorded) is scripted.OK
    journal.observe(scripted.flow(recorded.plan, body=b"x" * 2**20))
    with pytest.raises(Fault) as caught:
        await guarded(recorded)
    assert (caught.value.code, recorded.answered_by) == ("overloaded", "journal")
    assert await guarded(unrecorded) is scripted.OK


def test_a_journal_that_drops_is_not_in_the_way() -> None:
    """Without push-back the dispatcher is the dispatcher."""
    journal = Journal(
        file("journal: {}"), ScriptedStore(), meter=Counting(), report=lambda *_: None
    )
    assert journal.guard(answer) is answer


def test_a_new_route_file_is_adopted(journal: Journal) -> None:
    """What is recorded changes at once; where it goes needs a start, and that is said."""
    same = "journal: {when_full: push_back, buffer: 1MiB}"
    assert journal.observe.unmatched
    assert journal.adopt(file(f"{same}\ndefaults: {{journal: off}}"))
    assert not journal.observe.unmatched
    assert not journal.adopt(file("journal: {store: other.db}"))


def test_a_store_lies_beside_the_route_file(tmp_path: Path) -> None:
    """A relative path is that of the route file's folder, wherever the command runs."""
    store = open_store(JournalSection(store="sub.db"), tmp_path, "memory://")
    store.write([])
    store.close()
    reader = SqliteReader(tmp_path / "sub.db")
    assert reader.count(Filter()) == 0
    reader.close()
