from contracts.call import Call, Caller
from contracts.dead_letter import Death, buried, read
from contracts.dialects import dialect
from ingress.journal.filter import Filter
from ingress.journal.memory import MemoryJournal
from ingress.replay.source import JournalSource, of_letters, settled
from tests.ingress.graveyard import dead
from tests.ingress.journal.recorded import record


def test_a_journal_gives_the_same_each_time() -> None:
    """What is written after the source was made is not in it, nor are replays."""
    journal = MemoryJournal([record(0), record(1, replay_of="r-0", run="a"), record(2)])
    source = JournalSource(journal, Filter())
    assert [one.id for one in source] == ["r-0", "r-2"]
    until = source.wanted.until
    assert until is not None
    journal.write([record(3, started=until + 1)])
    assert [one.id for one in source] == ["r-0", "r-2"]


def test_replays_are_replayed_when_they_are_meant() -> None:
    """A filter that speaks of replays, or of ids, is taken as it is."""
    assert settled(Filter(), now=5) == Filter(until=6, replayed=False)
    assert settled(Filter(until=3, replayed=True), now=5) == Filter(until=3, replayed=True)
    assert settled(Filter(run="a"), now=5).replayed is None
    assert settled(Filter(ids=("r-1",)), now=5).replayed is None


def test_a_dead_letter_becomes_a_record() -> None:
    """A letter that is a call can be replayed, one that is none is told with the reason."""
    call = Call(
        id="r-1",
        operation="shop.add",
        path="/items",
        query="a=1",
        headers=(("content-type", "application/json"),),
        body=b"{}",
        caller=Caller(id="ann"),
        route="POST /items",
    )
    native = dialect("queuegate")
    asked = native.request(call, correlation_id="1", reply_to="", expiration_ms=1)
    letter = read(buried(asked, Death(reason="worker_error", queue="shop", at=5)))
    records, passed = of_letters([letter, read(dead("bad"))], native)
    (one,) = records
    assert (one.id, one.started, one.method, one.target) == ("r-1", 5, "POST", "/items?a=1")
    assert (one.route, one.operation, one.asker) == ("POST /items", "shop.add", "ann")
    assert (one.open.request_body, one.level) == (b"{}", "full")
    assert passed[0][0] == "bad"
