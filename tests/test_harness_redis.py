"""What the tests may expect of their private Redis."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import redis as harness
from tests.harness.processes import ROOT
from tests.harness.redis import NoRedisError, PrivateRedis
from tests.harness.waiting import wait_until

_RUN = """
import os, sys
from tests.harness.redis import PrivateRedis
with PrivateRedis() as redis:
    print(redis._child.pid, redis._folder, flush=True)
    sys.stdin.read()
"""


def test_a_killed_run_leaves_nothing(redis: PrivateRedis) -> None:
    """A test run that dies of SIGKILL takes its Redis and what that wrote along."""
    run = subprocess.Popen(
        [sys.executable, "-c", _RUN],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    pid, folder = run.stdout.readline().split()
    assert Path(folder).is_dir()
    run.send_signal(signal.SIGKILL)
    run.communicate()
    wait_until(lambda: not Path(folder).exists() and not _runs(int(pid)), 5)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def test_without_any_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no Redis can be had, the error names each way to have one."""
    monkeypatch.delenv(harness.URL_VARIABLE, raising=False)
    monkeypatch.setattr(harness, "installed_redis", lambda: None)
    monkeypatch.setattr(harness, "can_install", lambda: False)
    monkeypatch.setattr(harness, "container_engine", lambda: None)
    with pytest.raises(NoRedisError, match="apt-get install redis-server"):
        PrivateRedis()


def test_a_given_one_is_not_hurt(redis: PrivateRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that somebody else runs is used, and refuses to be killed."""
    monkeypatch.setenv(harness.URL_VARIABLE, redis.url)
    with PrivateRedis() as given:
        assert not given.ours
        with pytest.raises(RuntimeError, match="one of our own"):
            given.freeze()
        given.restart()
    redis.restart()


def test_each_url_is_its_own(redis: PrivateRedis) -> None:
    """Two tests never see each other's keys."""
    assert redis.own_url() != redis.own_url()
