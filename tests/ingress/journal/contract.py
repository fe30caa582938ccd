"""What every journal that can be read does; ``test_memory`` and the stores' tests hold it."""

from collections.abc import Callable, Sequence

import pytest

from ingress.journal.filter import Filter
from ingress.journal.reader import Reader
from ingress.journal.record import JournalError, Record
from tests.ingress.journal.recorded import START, full, record

Written = Callable[[Sequence[Record]], Reader]
"""Makes a journal in which these records were written, in this order."""

MIXED = [
    record(0),
    record(1, method="HEAD"),
    record(2, status=404, code="not_found"),
    full(3),
    record(4, status=503, code="busy", route="GET /v1/slow", attempts=3),
    record(5, status=504, code="deadline", route="GET /v1/slow", duration_us=2_000_400),
    record(6, caller="alice", replay_of="r-0", run="again"),
    record(7, method="BREW", route="-", status=418, code="i_am_a_teapot"),
    full(8, request_body=b"no json", reply_body=b'{"total": 0}'),
    record(9, status=599, client="::1", duration_us=700),
]

FILTERS = [
    (Filter(), "0123456789"),
    (Filter(since=START + 7), "789"),
    (Filter(until=START + 2), "01"),
    (Filter(since=START + 3, until=START + 5), "34"),
    (Filter(ids=("r-2", "r-8", "no")), "28"),
    (Filter(routes=("GET /v1/slow",)), "45"),
    (Filter(routes=("GET /v1/slow", "POST /v1/orders")), "3458"),
    (Filter(methods=("HEAD", "POST")), "138"),
    (Filter(methods=("BREW",)), "7"),
    (Filter(methods=("MKCOL",)), ""),
    (Filter(statuses=((500, 599),)), "459"),
    (Filter(statuses=((404, 404), (201, 201))), "238"),
    (Filter(codes=("deadline", "not_found")), "25"),
    (Filter(callers=("alice", "::1")), "69"),
    (Filter(callers=("10.0.0.7",)), "01234578"),
    (Filter(callers=("10.0.0.7",), statuses=((200, 299),)), "0138"),
    (Filter(slower=2_000_000), "5"),
    (Filter(slower=2500), "012345678"),
    (Filter(slower=2501), "5"),
    (Filter(headers=(("x-shop", "a"),)), "38"),
    (Filter(headers=(("x-shop", "b"),)), ""),
    (Filter(body="quantity"), "3"),
    (Filter(body="quantity > `1`"), "3"),
    (Filter(body="quantity > `2`"), ""),
    (Filter(reply="total"), "8"),
    (Filter(replayed=True), "6"),
    (Filter(replayed=True, routes=("-",)), ""),
    (Filter(replayed=False, slower=2_000_000), "5"),
    (Filter(replay_of="r-0"), "6"),
    (Filter(replay_of="r-1"), ""),
    (Filter(run="again"), "6"),
    (Filter(run="again", statuses=((500, 599),)), ""),
    (Filter(routes=("no such route",)), ""),
]


def numbers(records: Sequence[Record]) -> str:
    """Name records by the digit that they were made with."""
    return "".join(one.id.removeprefix("r-") for one in records)


class ReaderContract:
    """Held by a class that gives a fixture ``written``."""

    @pytest.mark.parametrize("wanted, expected", FILTERS)
    def test_a_filter_gives_what_fits_and_nothing_else(
        self, written: Written, wanted: Filter, expected: str
    ) -> None:
        """The records that are meant come, the newest first or the oldest, and are counted."""
        journal = written(MIXED)
        assert numbers(list(journal.find(wanted))) == expected[::-1]
        assert numbers(list(journal.find(wanted, oldest=True))) == expected
        assert journal.count(wanted) == len(expected)

    def test_a_record_comes_back_whole(self, written: Written) -> None:
        """What is read is what was written, but for its place."""
        journal = written(MIXED)
        found = list(journal.find(Filter(), oldest=True))
        assert [_without_place(one) for one in found] == MIXED

    def test_the_order_is_that_of_the_start(self, written: Written) -> None:
        """A call that was written late stands where it started."""
        journal = written([record(5), record(3), record(4)])
        assert numbers(list(journal.find(Filter()))) == "543"

    @pytest.mark.parametrize("oldest", [False, True])
    def test_pages_follow_each_other(self, written: Written, oldest: bool) -> None:  # noqa: FBT001
        """Going on after the last record's place gives the next ones, also within one moment."""
        records = [record(number, started=START + number // 4) for number in range(9)]
        journal = written(records)
        seen, after = "", ""
        while page := list(journal.find(Filter(), limit=2, after=after, oldest=oldest)):
            assert len(page) <= 2
            seen, after = seen + numbers(page), page[-1].place
        assert seen == ("012345678" if oldest else "876543210")

    def test_a_limit_is_kept(self, written: Written) -> None:
        """No more records come than were asked for, and none for a limit of zero."""
        journal = written(MIXED)
        assert numbers(list(journal.find(Filter(), limit=3))) == "987"
        assert list(journal.find(Filter(), limit=0)) == []

    def test_more_than_a_page_is_found(self, written: Written) -> None:
        """A filter without an index finds the one record among many."""
        many = [record(number) for number in range(1500)]
        journal = written([full(0, request_headers=(("x-a", "1"),)), *many])
        assert len(list(journal.find(Filter()))) == 1501
        assert len(list(journal.find(Filter(headers=(("x-a", "1"),))))) == 1

    def test_a_record_is_got_by_its_id(self, written: Written) -> None:
        """An id gives all requests that had it, the newest first."""
        journal = written([record(1), record(2, id="r-1"), record(3)])
        assert [one.path for one in journal.get("r-1")] == ["/v1/orders/2", "/v1/orders/1"]
        assert journal.get("nobody") == []

    def test_stats_sum_up_each_route(self, written: Written) -> None:
        """Counts, errors, percentiles and codes are those of the records that are meant."""
        journal = written(MIXED)
        slow = journal.stats(Filter(routes=("GET /v1/slow",)))
        assert [one.route for one in slow] == ["GET /v1/slow"]
        assert (slow[0].count, slow[0].errors) == (2, 2)
        assert (slow[0].p50_us, slow[0].p99_us, slow[0].slowest_us) == (2500, 2_000_400, 2_000_400)
        assert slow[0].faults == {"busy": 1, "deadline": 1}
        assert slow[0].statuses == {503: 1, 504: 1}
        busiest = journal.stats(Filter(callers=("10.0.0.7",)))
        assert [one.count for one in busiest] == [3, 2, 2, 1]
        assert sum(one.count for one in journal.stats(Filter())) == len(MIXED)

    def test_news_are_what_was_written_since(self, written: Written) -> None:
        """A mark gives what comes after it, in the order of writing, and moves on."""
        journal = written(MIXED[:3])
        assert journal.news(journal.mark(), Filter()) == ([], journal.mark())
        found, mark = journal.news("0", Filter(statuses=((200, 200),)))
        assert numbers(found) == "01"
        assert journal.news(mark, Filter())[0] == []

    def test_an_empty_journal_is_empty(self, written: Written) -> None:
        """Nothing is found, counted or summed up where nothing was written."""
        journal = written([])
        assert list(journal.find(Filter())) == []
        assert journal.count(Filter()) == 0
        assert journal.stats(Filter()) == []

    def test_a_made_up_cursor_is_refused(self, written: Written) -> None:
        """A cursor that no record has as its place is an error, not the first page."""
        journal = written(MIXED)
        with pytest.raises(JournalError, match="no cursor"):
            list(journal.find(Filter(), after="here"))


def _without_place(found: Record) -> Record:
    assert found.place
    return Record(**{name: getattr(found, name) for name in Record.__struct_fields__[:-1]})
