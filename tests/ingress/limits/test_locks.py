import subprocess
import sys
from pathlib import Path

import pytest

from contracts.fault import Fault
from ingress.limits import locks as module
from ingress.limits.locks import Contended, Locks
from tests.harness.waiting import wait_until

_HOLD = """
import sys
from pathlib import Path
from ingress.limits.locks import Locks
locks = Locks(Path(sys.argv[1]))
locks.enter(7)
print("held", flush=True)
sys.stdin.read()
"""
_MAKE = """
import sys
from pathlib import Path
from ingress.limits.locks import Locks
with Locks(Path(sys.argv[1])).making():
    print("held", flush=True)
    sys.stdin.read()
"""


def _start(program: str, folder: Path) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    return child


def _free(locks: Locks, stripe: int) -> bool:
    try:
        locks.enter(stripe)
    except Contended:
        return False
    locks.leave()
    return True


def test_a_lock_is_one_process_s_until_it_was_killed(tmp_path: Path) -> None:
    """Nobody else has it meanwhile, others are free, and the kernel gives back what it held."""
    holder, locks = _start(_HOLD, tmp_path), Locks(tmp_path)
    assert [_free(locks, stripe) for stripe in (6, 7, 8)] == [True, False, True]
    holder.kill()
    holder.communicate()
    wait_until(lambda: _free(locks, 7))
    locks.close()


def test_a_key_is_known_by_the_same_in_all_processes(tmp_path: Path) -> None:
    """Who comes later takes over the secret, and another folder has another."""
    one, other, elsewhere = Locks(tmp_path), Locks(tmp_path), Locks(tmp_path / "more")
    assert one.digest("anna") == other.digest("anna") != one.digest("ben")
    assert elsewhere.digest("anna") != one.digest("anna")
    assert len(one.digest("\ud800")) == module.DIGEST
    for each in (one, other, elsewhere):
        each.close()


def test_who_is_alone_locks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder no system call is made for a lock."""
    monkeypatch.setattr(module, "_lock", None)
    locks = Locks(None)
    assert _free(locks, 1)
    with locks.making():
        assert repr(locks) == "<Locks of nobody else>"
    locks.close()


def test_files_are_made_by_one_process_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another waits, and says so when it has waited for long; calls are counted meanwhile."""
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    locks = Locks(tmp_path)
    assert repr(locks) == f"<{module.STRIPES} Locks>"
    maker = _start(_MAKE, tmp_path)
    assert all(_free(locks, stripe) for stripe in range(1, module.STRIPES + 1))
    with pytest.raises(Fault, match="another process holds the limits"), locks.making():
        pytest.fail("two at a time")
    maker.communicate()
    with locks.making():
        pass
    locks.close()


def test_leaving_unlocks_all_that_was_entered(tmp_path: Path) -> None:
    """Several at a time are one order, and a file that is closed locks nothing of another."""
    locks = Locks(tmp_path)
    for stripe in (7, 8):
        locks.enter(stripe)
    locks.leave()
    holder = _start(_HOLD, tmp_path)
    assert [_free(locks, stripe) for stripe in (7, 8)] == [False, True]
    holder.communicate()
    locks.close()
    with pytest.raises(ValueError, match="negative"):
        locks.enter(7)
