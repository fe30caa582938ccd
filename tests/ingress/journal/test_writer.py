import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from ingress.flow import Flow
from ingress.journal.compose import Composer
from ingress.journal.entry import Entry
from ingress.journal.record import JournalError
from ingress.journal.recording import Recording
from ingress.journal.writer import Bounds, Writer
from tests.harness.waiting import wait_until
from tests.ingress import scripted

QUICK = Bounds(interval=0.01, pause=0.01, count=10)


class ScriptedStore:
    """Keeps batches, and fails while ``wrong`` says why."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.wrong = ""
        # The record with this id can be written by nobody.
        self.poison = ""
        self.attempts = 0
        self.tidied = 0
        self.left = 0
        self.closed = False
        self.gate = threading.Event()
        self.gate.set()

    @property
    def ids(self) -> list[str]:
        return [one for batch in self.batches for one in batch]

    def write(self, records: Sequence[Entry]) -> int:
        self.gate.wait(5)
        self.attempts += 1
        if self.wrong:
            raise JournalError(self.wrong)
        if any(one.id == self.poison for one in records):
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        self.batches += [[one.id for one in records]] * bool(records)
        return len(records)

    def tidy(self) -> bool:
        self.tidied += 1
        if self.wrong:
            raise JournalError(self.wrong)
        self.left = max(0, self.left - 1)
        return self.left > 0

    def close(self) -> None:
        self.closed = True


class Counting:
    """A meter that counts."""

    def __init__(self) -> None:
        self.counts = {"written": 0, "dropped": 0, "failed": 0, "waiting": -1}

    def written(self, records: int, size: int) -> None:
        self.counts["written"] += records

    def dropped(self, records: int) -> None:
        self.counts["dropped"] += records

    def failed(self) -> None:
        self.counts["failed"] += 1

    def waiting(self, records: int) -> None:
        self.counts["waiting"] = records


class House:
    """A writer with a store, a meter and a log that a test can look at."""

    def __init__(self, bounds: Bounds = QUICK) -> None:
        self.store = ScriptedStore()
        self.meter = Counting()
        self.log: list[tuple[str, str]] = []
        self.compose: Callable[[Flow], Entry] = Composer(None)
        self.is_light = False
        self.writer = Writer(
            self.store,
            self._compose,
            at_once=lambda flow: self._compose(flow) if self.is_light else None,
            meter=self.meter,
            report=lambda level, text: self.log.append((level, text)),
            bounds=bounds,
        )

    def _compose(self, flow: Flow) -> Entry:
        # Asked each time, since a test may put another in its place.
        return self.compose(flow)

    def keep(self, *ids: str, body: bytes = b"") -> None:
        for one in ids:
            plan = scripted.plan(journal=Recording())
            self.writer.keep([scripted.flow(plan, id=one, body=body)])


@pytest.fixture
def house() -> Iterator[House]:
    built = House()
    yield built
    built.store.gate.set()
    built.writer.stop(5)


def test_a_record_that_no_store_can_hold_harms_no_other(house: House) -> None:
    """It is lost, counted and told; those beside it and after it are written."""
    house.store.poison = "bad"
    house.writer.start()
    house.keep("a", "bad", "b")
    wait_until(lambda: house.store.ids == ["a", "b"])
    house.keep("c")
    wait_until(lambda: house.store.ids == ["a", "b", "c"])
    wait_until(lambda: house.meter.counts["dropped"] == 1)
    ((level, text),) = house.log
    assert level == "ERROR"
    assert "cannot record bad: UnicodeEncodeError" in text
    assert house.writer.trouble == ""


def test_what_is_kept_is_written_in_order(house: House) -> None:
    """Records come to the store in the order in which the requests ended."""
    house.writer.start()
    house.keep("a", "b", "c")
    wait_until(lambda: house.store.ids == ["a", "b", "c"])
    assert house.meter.counts == {"written": 3, "dropped": 0, "failed": 0, "waiting": 0}


def test_what_comes_together_is_written_together(house: House) -> None:
    """Requests within an interval share a batch."""
    house.keep("a", "b")
    house.writer.start()
    wait_until(lambda: house.store.ids)
    assert house.store.batches == [["a", "b"]]


def test_the_end_writes_what_waits(house: House) -> None:
    """Stopping loses nothing, and closes the store."""
    house.writer.start()
    house.keep("a", "b")
    assert house.writer.stop(5)
    assert house.store.ids == ["a", "b"]
    assert house.store.closed


def test_what_has_no_room_is_dropped_and_counted(house: House) -> None:
    """Beyond the bound requests are not recorded, no memory is taken, and each one is counted."""
    house.store.gate.clear()
    house.writer.start()
    house.keep(*"abcdefghijklm")
    assert house.writer.full
    house.store.gate.set()
    wait_until(lambda: house.meter.counts["dropped"] == 3)
    wait_until(lambda: len(house.store.ids) == 10)
    assert not house.writer.full


def test_bodies_take_room_too() -> None:
    """A few large bodies fill the queue as many small ones do."""
    house = House(Bounds(size=10_000))
    house.keep("a", body=b"x" * 9_000)
    assert house.writer.full
    house.keep("b")
    house.writer.start()
    house.writer.stop(5)
    assert house.store.ids == ["a"]
    assert not house.writer.full


def test_what_is_made_at_once_takes_room_until_it_is_written() -> None:
    """Many small records fill the queue as well, and leave it as empty as it was."""
    house = House(Bounds(size=10_000))
    house.is_light = True
    house.keep(*(f"r{number}" for number in range(100)))
    assert house.writer.full
    house.writer.start()
    house.writer.stop(5)
    assert 0 < len(house.store.ids) < 100
    assert not house.writer.full


def test_a_store_that_fails_is_tried_again(house: House) -> None:
    """A full disk loses nothing as long as there is room, and is told once, and once when over."""
    house.store.wrong = "disk full"
    house.writer.start()
    house.keep("a")
    wait_until(lambda: house.store.attempts > 3)
    assert "disk full" in house.writer.trouble
    house.keep("b")
    house.store.wrong = ""
    wait_until(lambda: house.store.ids == ["a", "b"])
    wait_until(lambda: not house.writer.trouble)
    assert [level for level, _ in house.log] == ["ERROR", "INFO"]
    assert "requests go on: disk full" in house.log[0][1]
    assert house.meter.counts["failed"] > 2


def test_the_end_does_not_wait_for_a_store_that_fails(house: House) -> None:
    """A gateway stops in time with a full disk too, and says that records were lost."""
    house.store.wrong = "disk full"
    house.writer.start()
    house.keep("a")
    wait_until(lambda: house.store.attempts > 1)
    house.writer.stop(5)
    assert house.store.closed
    assert "1 lost" in repr(house.writer)


def test_a_record_that_cannot_be_made_harms_no_other(house: House) -> None:
    """A bug in the making of one record costs that record, and is told."""
    well = house.compose

    def compose(flow: Flow) -> Entry:
        if flow.call.id == "bad":
            raise ZeroDivisionError
        return well(flow)

    house.compose = compose
    house.writer.start()
    house.keep("a", "bad", "b")
    wait_until(lambda: house.store.ids == ["a", "b"])
    assert "cannot record bad: ZeroDivisionError in test_writer.py" in house.log[0][1]
    wait_until(lambda: house.meter.counts["dropped"] == 1)


def test_the_store_is_kept_small(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Retention is looked after from time to time, and its failure is a failure of the store."""
    monkeypatch.setattr("ingress.journal.writer._TIDY", 0.01)
    house.writer.start()
    wait_until(lambda: house.store.tidied > 2)
    house.store.wrong = "disk full"
    wait_until(lambda: house.writer.trouble == "disk full")


def test_what_is_too_much_goes_while_others_write(house: House) -> None:
    """Deleting keeps up under load: it goes on at each turn until nothing is left to delete."""
    house.store.left = 500
    house.writer.start()

    def done() -> bool:
        house.keep("a")
        return house.store.left == 0

    wait_until(done)
    assert house.store.ids


def test_an_error_does_not_quote_a_request(house: House) -> None:
    """What a bug says of a request may hold its secrets, so only its kind and place are told."""
    house.compose = lambda flow: "s3cret\ud800".encode() and None  # type: ignore[assignment,return-value]
    house.writer.start()
    house.keep("a")
    wait_until(lambda: house.log)
    assert "UnicodeEncodeError in test_writer.py:" in house.log[0][1]
    assert "s3cret" not in house.log[0][1]


def test_whatever_goes_wrong_the_thread_goes_on(house: House) -> None:
    """An error where nobody expected one is told, and what comes later is recorded."""
    house.writer.start()
    house.keep("a", "b")
    wait_until(lambda: house.store.ids == ["a", "b"])
    house.meter.waiting = lambda records: 1 / 0  # type: ignore[assignment,method-assign]
    house.keep("c")
    wait_until(lambda: house.log)
    assert "requests go on: ZeroDivisionError" in house.log[0][1]
    del house.meter.waiting
    house.keep("d")
    wait_until(lambda: house.store.ids == ["a", "b", "c", "d"])


def test_a_journal_that_cannot_be_opened_is_told_at_the_start(house: House) -> None:
    """Nobody has to wait for the first request to hear of it."""
    house.store.wrong = "no such folder"
    house.writer.start()
    wait_until(lambda: house.log)
    assert "no such folder" in house.log[0][1]


def test_what_is_light_is_made_at_once(house: House) -> None:
    """A record that costs next to nothing does not wait for the thread, and a bug in it is told."""
    made: list[str] = []
    well = house.compose

    def compose(flow: Flow) -> Entry:
        made.append(flow.call.id)
        if flow.call.id == "bad":
            raise ZeroDivisionError
        return well(flow)

    house.compose = compose
    house.is_light = True
    house.keep("a", "bad", "b")
    assert made == ["a", "bad", "b"]
    house.writer.start()
    wait_until(lambda: house.store.ids == ["a", "b"])
    assert "cannot record bad: ZeroDivisionError in test_writer.py" in house.log[0][1]
    wait_until(lambda: house.meter.counts["dropped"] == 1)
