import subprocess
import sys
from pathlib import Path

import pytest

from ingress.limits import processes as module
from ingress.limits.processes import Processes
from tests.harness.waiting import wait_until

_LIVE = """
import sys
from pathlib import Path
from ingress.limits.processes import Processes
one = Processes(Path(sys.argv[1]))
print(one.number, one.epoch, flush=True)
sys.stdin.read()
"""


def test_each_process_has_a_number_of_its_own(tmp_path: Path) -> None:
    """Who lives is known by number and epoch, and who left is not; the number is given again."""
    one, other = Processes(tmp_path), Processes(tmp_path)
    assert (one.number, other.number) == (0, 1)
    assert one.living(1) == other.epoch
    assert one.living(0) == one.epoch
    assert one.living(5) == 0
    other.close()
    assert one.living(1) == 0
    again = Processes(tmp_path)
    assert again.number == 1
    assert one.living(1) == again.epoch != other.epoch
    again.close()
    one.close()


def test_a_killed_process_lives_no_more(tmp_path: Path) -> None:
    """A process that is killed is known to be dead at once."""
    child = subprocess.Popen(
        [sys.executable, "-c", _LIVE, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    number, epoch = map(int, child.stdout.readline().split())
    here = Processes(tmp_path)
    assert here.living(number) == epoch
    child.kill()
    child.communicate()
    wait_until(lambda: here.living(number) == 0)
    here.close()


def test_without_a_folder_it_is_alone() -> None:
    """A process that shares nothing knows of nobody else."""
    alone = Processes(None)
    assert (alone.number, alone.living(0), alone.living(1)) == (0, alone.epoch, 0)
    assert repr(alone) == "<Processes: this is 0>"
    alone.close()


def test_there_is_room_for_so_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One process too many is told so."""
    monkeypatch.setattr(module, "MOST", 2)
    ours = [Processes(tmp_path), Processes(tmp_path)]
    with pytest.raises(OSError, match="more than 2"):
        Processes(tmp_path)
    for one in ours:
        one.close()
