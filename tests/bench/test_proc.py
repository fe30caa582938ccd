import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench import proc
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.skipif(not proc.available(), reason="reads Linux's /proc")

_MEGA = 1024 * 1024


def test_cpu_time_is_measured() -> None:
    """A tenth of a second of work shows as about that much CPU time."""
    before = proc.cpu_seconds(os.getpid())
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    assert 0.07 <= proc.cpu_seconds(os.getpid()) - before <= 0.5


@pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(), reason="this kernel does not count it"
)
def test_waiting_for_a_cpu_is_measured() -> None:
    """A process that has to share one CPU with another waits for about half of its time."""
    spin = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass\n"
    one = min(os.sched_getaffinity(0))
    script = f"import os; os.sched_setaffinity(0, {{{one}}})\n{spin}input()"
    words = [sys.executable, "-c", script]
    with (
        subprocess.Popen(words, stdin=subprocess.PIPE) as first,
        subprocess.Popen(words, stdin=subprocess.PIPE) as second,
    ):
        wait_until(lambda: proc.starved_seconds(first.pid) > 0.2, within=20)
        first.communicate(b"\n")
        second.communicate(b"\n")
    assert proc.starved_seconds(first.pid) == 0
    assert proc.stolen_seconds() >= 0


def test_children_belong_to_the_tree() -> None:
    """A process's tree holds its children, and a dead process's tree only itself."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in proc.tree(os.getpid())
        child.communicate(b"\n")
    assert child.pid not in proc.tree(os.getpid())
    assert proc.cpu_seconds(child.pid) == 0


def test_memory_and_its_peak_are_bytes() -> None:
    """The peak is at least what is used now, and Python needs some megabytes."""
    pid = os.getpid()
    assert 5 * _MEGA < proc.memory(pid) <= proc.peak_memory(pid) + _MEGA


def test_a_peak_can_be_forgotten() -> None:
    """After 64 MB came and went the peak falls when it is told to begin anew."""
    code = "b = bytearray(b'x') * (64 * 1024 * 1024); del b; print(flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as child:  # type: ignore[call-overload]
        child.stdout.readline()
        assert proc.peak_memory(child.pid) > 64 * _MEGA
        proc.forget_peak(child.pid)
        assert proc.peak_memory(child.pid) < 64 * _MEGA
        child.communicate(b"\n")


def test_the_listener_of_a_port_is_found() -> None:
    """Who listens on a port is found, and nobody when nobody does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert proc.listener(port) == os.getpid()
    wait_until(lambda: proc.listener(port) is None)
