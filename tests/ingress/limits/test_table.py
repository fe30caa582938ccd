import os
import time
from pathlib import Path

import pytest

from ingress.limits.locks import STRIPES, Locks
from ingress.limits.table import LABEL, Row, Table, _sets


def _now_ms() -> int:
    return int(time.time() * 1000)


def _table(folder: Path | None, row_size: int = 8, max_keys: int = 16) -> Table:
    return Table(folder and folder / "t", row_size, max_keys, Locks(folder))


def _close(*tables: Table) -> None:
    for table in tables:
        table.close()
        table.locks.close()


def _found(table: Table, key: str) -> Row:
    row = table.known.get(key) or table.row(key)
    if table.words[row.tag] != row.half:
        table.find(row, _now_ms())
    return row


def _add(table: Table, key: str) -> int:
    """Count in the first eight bytes of a key's row; gives the count."""
    row = _found(table, key)
    count = int.from_bytes(table.buffer[row.begins : row.begins + 8], "little") + 1
    table.buffer[row.begins : row.begins + 8] = count.to_bytes(8, "little")
    table.words[row.until] = _now_ms() + 60_000
    return count


@pytest.mark.parametrize("where", ["memory", "file"])
def test_each_key_has_its_own_row(where: str, tmp_path: Path) -> None:
    """What is counted for one key is counted for no other."""
    table = _table(None if where == "memory" else tmp_path, max_keys=1000)
    for round_ in range(1, 4):
        assert {_add(table, f"key {number}") for number in range(500)} == {round_}
    labels = {label for label, _ in table.rows(_now_ms())}
    assert labels == {f"key {number}" for number in range(500)}
    assert repr(table) == f"<Table 2048 rows of {LABEL + 8} bytes>"
    _close(table)


def test_processes_share_a_file(tmp_path: Path) -> None:
    """Who opens the same file finds the same counts, and they stay when all have closed it."""
    one, other = _table(tmp_path), _table(tmp_path)
    assert [_add(one, "a"), _add(other, "a"), _add(one, "a")] == [1, 2, 3]
    _close(one)
    _close(other)
    again = _table(tmp_path)
    assert _add(again, "a") == 4
    _close(again)


def test_a_file_of_another_form_is_made_anew(tmp_path: Path) -> None:
    """Rows of another size are not read as if they were of this one."""
    one = _table(tmp_path)
    _add(one, "a")
    _close(one)
    other = _table(tmp_path, 16)
    assert _add(other, "a") == 1
    _close(other)


def test_it_never_grows(tmp_path: Path) -> None:
    """However many keys are invented, the file keeps its size, and who was there keeps its row."""
    table = _table(tmp_path)
    size = (tmp_path / "t").stat().st_size
    assert _add(table, "first") == 1
    shared = [_add(table, f"invented {number}") for number in range(5000)]
    assert _add(table, "first") == 2
    # Those that found no place are counted together: 31 had one, beside the first.
    assert max(shared) == 5000 - 31
    assert (tmp_path / "t").stat().st_size == size
    _close(table)


def test_a_row_that_counts_no_more_is_free(tmp_path: Path) -> None:
    """What nobody needs any more makes room for another key, with nothing of it left."""
    table = _table(tmp_path)
    for number in range(100):
        row = _found(table, f"key {number}")
        assert table.buffer[row.begins : row.begins + 8] == bytes(8)
        table.buffer[row.begins : row.begins + 8] = b"x" * 8
        table.words[row.until] = _now_ms() - 1
    assert list(table.rows(_now_ms())) == []
    _close(table)


def test_a_row_can_be_dropped() -> None:
    """What is dropped begins anew; the row that many share is nobody's to drop."""
    table = _table(None)
    _add(table, "a")
    row = _found(table, "a")
    assert table.drop(row)
    assert not table.drop(row)
    assert _add(table, "a") == 1
    for number in range(40):
        _add(table, f"key {number}")
    late = _found(table, "key 39")
    assert late.shared
    assert not table.drop(late)
    _close(table)


def test_a_row_that_was_given_to_another_is_looked_for_anew() -> None:
    """What a process remembers of a row holds only while the key's digest stands there."""
    table = _table(None)
    gone = _found(table, "gone")
    for number in range(40):
        _add(table, f"key {number}")
    assert not gone.shared
    assert _found(table, "gone").shared
    assert repr(gone) == f"<Row of gone at {gone.begins}>"
    _close(table)


@pytest.mark.parametrize("max_keys", [16, 17, 500, 4096, 4097, 20_000, 1_000_000])
def test_keys_of_one_set_have_one_lock(max_keys: int) -> None:
    """Who works on a set excludes all others that do, and a key has one lock in large tables."""
    sets = _sets(max_keys)
    assert 2 * max_keys <= sets * 32 <= 4 * max_keys + 32 * STRIPES
    assert sets % STRIPES == 0 or STRIPES % sets == 0


def test_a_key_has_the_same_lock_in_tables_of_any_form() -> None:
    """So a call that is counted in several takes one lock."""
    locks = Locks(None)
    tables = [Table(None, size, keys, locks) for size, keys in ((8, 4096), (20, 16_384))]
    for key in ("anna", "ben", "é"):
        assert len({table.row(key).stripe for table in tables}) == 1
    for table in tables:
        table.close()


def test_a_full_disk_is_told_when_the_table_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All room is reserved at once, so that a full disk is an error and not a killed process."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        _table(tmp_path)


def test_a_key_of_any_characters_has_its_row() -> None:
    """What cannot be written as UTF-8 is a key like others."""
    table = _table(None)
    assert [_add(table, "\ud800"), _add(table, "\ud800"), _add(table, "é" * 200)] == [1, 2, 1]
    _close(table)
