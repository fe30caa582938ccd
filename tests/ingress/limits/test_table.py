import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingress.limits.table import LABEL, Contended, Table
from tests.harness.waiting import wait_until

_HOLD = """
import sys, time
from pathlib import Path
from ingress.limits.table import Table
table = Table(Path(sys.argv[1]), 8, 16)
table.enter("anna", time.time)
print("held", flush=True)
sys.stdin.read()
"""


def _now_ms() -> int:
    return int(time.time() * 1000)


def _add(table: Table, key: str) -> int:
    """Count in the first eight bytes of a key's row; gives the count."""
    at, place, begins = table.enter(key, time.time)
    count = int.from_bytes(table.buffer[begins : begins + 8], "little") + 1
    table.buffer[begins : begins + 8] = count.to_bytes(8, "little")
    table.keep(at, place, _now_ms() + 60_000)
    table.leave(at)
    return count


@pytest.mark.parametrize("where", ["memory", "file"])
def test_each_key_has_its_own_row(where: str, tmp_path: Path) -> None:
    """What is counted for one key is counted for no other."""
    table = Table(None if where == "memory" else tmp_path / "t", 8, 1000)
    for round_ in range(1, 4):
        assert {_add(table, f"key {number}") for number in range(500)} == {round_}
    labels = {label for label, _ in table.rows(_now_ms())}
    assert labels == {f"key {number}" for number in range(500)}
    assert repr(table) == f"<Table 2016 rows of {LABEL + 8} bytes>"
    table.close()


def test_processes_share_a_file(tmp_path: Path) -> None:
    """Who opens the same file finds the same counts, and they stay when all have closed it."""
    one, other = Table(tmp_path / "t", 8, 16), Table(tmp_path / "t", 8, 16)
    assert [_add(one, "a"), _add(other, "a"), _add(one, "a")] == [1, 2, 3]
    one.close()
    other.close()
    again = Table(tmp_path / "t", 8, 16)
    assert _add(again, "a") == 4
    again.close()


def test_a_file_of_another_form_is_made_anew(tmp_path: Path) -> None:
    """Rows of another size are not read as if they were of this one."""
    one = Table(tmp_path / "t", 8, 16)
    _add(one, "a")
    one.close()
    other = Table(tmp_path / "t", 16, 16)
    assert _add(other, "a") == 1
    other.close()


def test_it_never_grows(tmp_path: Path) -> None:
    """However many keys are invented, the file keeps its size, and who was there keeps its row."""
    table = Table(tmp_path / "t", 8, 16)
    size = (tmp_path / "t").stat().st_size
    assert _add(table, "first") == 1
    shared = [_add(table, f"invented {number}") for number in range(5000)]
    assert _add(table, "first") == 2
    # Those that found no place are counted together: 31 had one, beside the first.
    assert max(shared) == 5000 - 31
    assert (tmp_path / "t").stat().st_size == size
    table.close()


def test_a_row_that_counts_no_more_is_free(tmp_path: Path) -> None:
    """What nobody needs any more makes room for another key, with nothing of it left."""
    table = Table(tmp_path / "t", 8, 16)
    for number in range(100):
        at, place, begins = table.enter(f"key {number}", time.time)
        assert table.buffer[begins : begins + 8] == bytes(8)
        table.buffer[begins : begins + 8] = b"x" * 8
        table.keep(at, place, _now_ms() - 1)
        table.leave(at)
    assert list(table.rows(_now_ms())) == []
    table.close()


def test_a_row_can_be_dropped() -> None:
    """What is dropped begins anew; the row that many share is nobody's to drop."""
    table = Table(None, 8, 16)
    _add(table, "a")
    at, place, _ = table.enter("a", time.time)
    assert table.drop(at, place)
    assert not table.drop(at, place)
    assert not table.drop(at, 32)
    table.leave(at)
    assert _add(table, "a") == 1
    table.close()


def test_a_killed_process_lets_go(tmp_path: Path) -> None:
    """While another process is at a row it is contended, and no more once that one was killed."""
    path = tmp_path / "t"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    table = Table(path, 8, 16)
    with pytest.raises(Contended):
        table.enter("anna", time.time)
    holder.kill()
    holder.communicate()

    def free() -> bool:
        try:
            _add(table, "anna")
        except Contended:
            return False
        return True

    wait_until(free)
    table.close()


def test_a_full_disk_is_told_when_the_table_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All room is reserved at once, so that a full disk is an error and not a killed process."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        Table(tmp_path / "t", 8, 16)


def test_a_key_of_any_characters_has_its_row() -> None:
    """What cannot be written as UTF-8 is a key like others."""
    table = Table(None, 8, 16)
    assert [_add(table, "\ud800"), _add(table, "\ud800"), _add(table, "é" * 200)] == [1, 2, 1]
    table.close()
