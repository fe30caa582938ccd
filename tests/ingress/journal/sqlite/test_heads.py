import pytest

from ingress.journal.entry import entries
from ingress.journal.record import JournalError
from ingress.journal.sqlite import heads
from tests.ingress.journal.recorded import record

RECORDS = entries(
    [record(1, client="a"), record(2, duration_us=2**40, client="b"), record(9, client="a")]
)


def test_columns_come_back_as_they_were() -> None:
    """Each record has its start, duration, kind and caller, beyond 32 bits too."""
    found = heads.read(heads.write(heads.of(RECORDS, [7, 2**20, 7])))
    assert list(found.started) == [one.started for one in RECORDS]
    assert list(found.durations) == [2500, 2**40, 2500]
    assert list(found.kinds) == [7, 2**20, 7]
    assert [found.askers[number] for number in found.whose] == ["a", "b", "a"]


def test_a_record_is_cut_out_of_the_bodies() -> None:
    """The first, one in between and the last."""
    found = heads.of(RECORDS, [1, 1, 1])
    bodies = b"".join(one.stored for one in RECORDS)
    assert [found.body(bodies, at) for at in range(3)] == [one.stored for one in RECORDS]


def test_the_bytes_are_the_same_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was written by a big-endian machine is read by a little-endian one."""
    columns = heads.of(RECORDS, [7, 8, 9])
    written = heads.write(columns)
    assert (RECORDS[0].started).to_bytes(8, "little") in written
    monkeypatch.setattr("sys.byteorder", "big")
    turned = heads.write(columns)
    assert (RECORDS[0].started).to_bytes(8, "big") in turned
    assert list(heads.read(turned).kinds) == [7, 8, 9]


@pytest.mark.parametrize("data", [b"", b"\x90", b"garbage", heads.write(heads.of([], []))[:-1]])
def test_what_is_damaged_is_told(data: bytes) -> None:
    """Bytes that are no columns are an error in words."""
    with pytest.raises(JournalError, match="pack of records is damaged"):
        heads.read(data)


def test_columns_that_end_in_between_are_damaged() -> None:
    """A column that holds no whole number of numbers is none."""
    whole = heads.write(heads.of(RECORDS, [1, 1, 1]))
    with pytest.raises(JournalError, match="damaged"):
        heads.read(whole.replace(b"\xc4\x18", b"\xc4\x17", 1))
