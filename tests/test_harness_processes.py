"""What the tests may expect of child processes, ports, guards and waiting."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness.guard import Guard
from tests.harness.ports import free_port
from tests.harness.processes import ChildProcess, queuegate_command
from tests.harness.waiting import eventually, wait_until


def python(code: str, log: Path) -> ChildProcess:
    return ChildProcess([sys.executable, "-c", code], log / "log")


def test_a_child_is_waited_for_by_what_it_prints(tmp_path: Path) -> None:
    """The wait ends when the text is there, and the output is kept in the file."""
    with python("print('ready'); import time; time.sleep(60)", tmp_path) as child:
        assert child.wait_for_output("ready") == "ready\n"
        assert child.returncode is None
    assert child.returncode == -signal.SIGKILL
    assert child.log.read_text() == "ready\n"


def test_a_child_is_waited_for_by_its_port(tmp_path: Path) -> None:
    """The wait ends when somebody listens."""
    port = free_port()
    server = ["-m", "http.server", "--bind", "127.0.0.1", str(port)]
    with ChildProcess([sys.executable, *server], tmp_path / "log") as child:
        child.wait_for_port(port)


def test_a_child_that_died_is_not_waited_for(tmp_path: Path) -> None:
    """The wait ends at once, with the exit code and all that was printed."""
    with (
        python("raise SystemExit('bad config')", tmp_path) as child,
        pytest.raises(RuntimeError, match=r"ended with 1> and printed:\nbad config"),
    ):
        child.wait_for_output("ready", within=30)


def test_terminate_gives_the_exit_code(tmp_path: Path) -> None:
    """A child that takes SIGTERM in good order ends with its own code."""
    code = "import signal; print(1); signal.sigwait([15]); raise SystemExit(7)"
    with python(f"import signal; signal.pthread_sigmask(0, [15]); {code}", tmp_path) as child:
        child.wait_for_output("1")
        assert child.terminate() == 7


def test_grandchildren_end_with_the_child(tmp_path: Path) -> None:
    """At the end of the block the whole process group is killed."""
    code = (
        "import subprocess as s; print(s.Popen(['sleep', '60']).pid); import time; time.sleep(60)"
    )
    with python(code, tmp_path) as child:
        grandchild = int(child.wait_for_output("\n"))
        os.kill(grandchild, 0)
    wait_until(lambda: _ended(grandchild))


def test_the_command_is_this_very_source_tree() -> None:
    """The tests run the interpreter that runs them, not a queuegate that is on PATH."""
    assert queuegate_command("version") == [sys.executable, "-m", "ingress.cli", "version"]


def test_ports_are_given_once() -> None:
    """Two servers of one test never get the same port."""
    ports = [free_port() for _ in range(100)]
    assert len(set(ports)) == 100


def test_a_guard_acts_when_its_owner_is_gone(tmp_path: Path) -> None:
    """The command runs after the owner's death, whatever it died of."""
    code = f"from tests.harness.guard import Guard; Guard('touch {tmp_path}/done'); print(1)"
    with python(f"{code}; import time; time.sleep(60)", tmp_path) as owner:
        owner.wait_for_output("1")
        assert not (tmp_path / "done").exists()
    wait_until((tmp_path / "done").exists)


def test_a_released_guard_does_nothing(tmp_path: Path) -> None:
    """After release the command never runs, and a second release is harmless."""
    guard = Guard(f"touch {tmp_path}/done")
    assert "watching" in repr(guard)
    guard.release()
    guard.release()
    assert "released" in repr(guard)
    assert not (tmp_path / "done").exists()


async def test_eventually_returns_what_the_condition_gave() -> None:
    """Conditions may be plain or async, and a failed assertion in one means: not yet."""
    answers = iter([0, None, "yes"])

    async def later() -> int:
        assert next(answers, "yes") == "yes"
        return 5

    assert await eventually(lambda: next(answers)) == "yes"
    assert await eventually(later) == 5


async def test_eventually_gives_up() -> None:
    """When time is up, the error says how long, for what, and what was seen last."""
    with pytest.raises(AssertionError, match=r"0.05 s in vain until it rains; seen last: 0"):
        await eventually(lambda: 0, within=0.05, what="it rains")


def test_wait_until_gives_up_with_the_last_refusal() -> None:
    """A condition of asserts is quoted in the error."""

    def never() -> bool:
        assert 1 + 1 == 3, "sums are hard"
        return True

    began = time.monotonic()
    with pytest.raises(AssertionError, match="seen last: sums are hard"):
        wait_until(never, within=0.05)
    assert time.monotonic() - began < 5


def _ended(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False)
    return state.stdout.strip()[:1] in (b"", b"Z")
