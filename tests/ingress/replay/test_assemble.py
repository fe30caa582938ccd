from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from ingress import routefile
from ingress.journal.filter import Filter
from ingress.journal.memory import MemoryJournal
from ingress.journal.reader import Reader
from ingress.journal.record import JournalError
from ingress.journal.sqlite.store import SqliteStore
from ingress.replay import assemble
from ingress.replay.assemble import UsageError
from ingress.replay.hidden import Hiding
from ingress.replay.mark import Marks
from ingress.replay.order import Order
from ingress.replay.runs import Runs
from tests.ingress.journal.recorded import full, record
from tests.ingress.replay.playback import FakeSink

HIDE = Hiding()
ROUTES = b"routes: [{route: GET /a, operation: shop.a}]"


def test_the_journal_of_the_route_file_is_opened(tmp_path: Path) -> None:
    """A path in the route file is relative to it; a file that is named comes first."""
    store = SqliteStore(tmp_path / "j.db")
    store.write([record(1)])
    store.close()
    with_journal = routefile.parse(b"journal: {store: j.db}\n" + ROUTES)
    for reader in (
        assemble.open_journal(with_journal, tmp_path, None),
        assemble.open_journal(None, tmp_path, str(tmp_path / "j.db")),
    ):
        assert reader.count(Filter()) == 1
        reader.close()


def test_which_journal_has_to_be_said(tmp_path: Path) -> None:
    """Without a journal in the route file one is named, and one that is not there is told."""
    for route_file in (None, routefile.parse(ROUTES)):
        with pytest.raises(UsageError, match="which journal"):
            assemble.open_journal(route_file, tmp_path, None)
    with pytest.raises(UsageError, match="there is no journal at"):
        assemble.open_journal(None, tmp_path, "nowhere.db")


def test_records_come_from_the_journal_or_a_file(tmp_path: Path) -> None:
    """The source is a journal, oldest first, or a HAR file; a file that is not there is usage."""

    def reader() -> AbstractContextManager[Reader]:
        return nullcontext(MemoryJournal([record(2), record(1)]))

    with assemble.source_of(Order(), reader) as found:
        assert [one.id for one in found] == ["r-1", "r-2"]
    path = tmp_path / "a.har"
    source = Order(source=str(path))
    with pytest.raises(UsageError, match="there is no file"), assemble.source_of(source, reader):
        pass
    path.write_text('{"log": {"entries": []}}')
    with assemble.source_of(source, reader) as found:
        assert list(found) == []
    path.write_text("{")
    with pytest.raises(JournalError, match="no HAR"), assemble.source_of(source, reader):
        pass


def test_what_is_allowed_is_no_reason_any_more() -> None:
    """Reasons that the operator lets pass are taken away, others stay."""
    records = [full(1), record(2)]
    strict = list(assemble.items_of(records, Order(), (), HIDE))
    assert [one.reasons for one in strict] == [("unsafe",), ("metadata",)]
    loose = list(assemble.items_of(records, Order(allow=("unsafe",), limit=2), (), HIDE))
    assert [one.reasons for one in loose] == [(), ("metadata",)]
    assert len(list(assemble.items_of(records, Order(limit=1), (), HIDE))) == 1


@pytest.mark.parametrize(
    "order, name",
    [
        (Order(to="http://ann:secret@host:1/"), "http://host:1"),
        (Order(direct=True), "amqp://broker/v queues"),
        (Order(queue="orders.v2"), "amqp://broker/v queue orders.v2"),
        (Order(exchange="e", routing_key="k"), "amqp://broker/v exchange e k"),
    ],
)
def test_a_target_has_one_name_without_passwords(order: Order, name: str) -> None:
    """The name says where, so that "the same target" can be told."""
    assert assemble.target_of(order, "amqp://guest:guest@broker/v,amqp://other/v") == name


@pytest.mark.parametrize("order", [Order(), Order(to="http://x", direct=True), Order(to="x")])
def test_one_target_is_needed(order: Order) -> None:
    """No target, several, and a URL that is none are bad usage."""
    with pytest.raises(UsageError, match=r"where to|a URL is written"):
        assemble.target_of(order, "")


async def test_straight_to_the_queues_needs_the_routes() -> None:
    """Without a route file nobody knows the operation of a call."""
    with pytest.raises(UsageError, match="needs a route file"):
        await assemble.open_sink(Order(direct=True), None, Marks(), "amqp://x")


def test_what_cannot_be_played_so_is_usage(tmp_path: Path) -> None:
    """A key that is none, and a speed beside a rate, are told as usage."""
    runs = Runs(tmp_path / "runs")
    for order in (Order(key="a["), Order(speed=1.0, rate=1.0)):
        with pytest.raises(UsageError):
            assemble.replay_of(order, runs, "a", FakeSink(), None, retry_unknown=False)
    router = assemble.router_of(routefile.parse(ROUTES))
    order = Order(key="path.id", concurrency=3)
    assert assemble.replay_of(order, runs, "a", FakeSink(), router, retry_unknown=True)
    runs.close()


def test_the_answers_of_a_file_are_kept_without_secrets() -> None:
    """A browser's HAR holds cookies: what goes out has them, what is remembered has not."""
    headers = (("set-cookie", "hunter2"), ("cookie", "hunter2"))
    whole = full(request_headers=headers, reply_headers=headers)
    (item,) = assemble.items_of([whole], Order(source="a.har"), (), HIDE)
    assert ("cookie", "hunter2") in item.headers
    assert "hunter2" not in repr(item.before)
