"""Finds on this machine what the tests stand on, RabbitMQ say, or puts it there."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

# Debian's own /usr/sbin/rabbitmq-server is not among them: it switches to the user "rabbitmq".
_PLACES: Final = (
    Path("/usr/lib/rabbitmq/bin/rabbitmq-server"),
    Path("/opt/homebrew/sbin/rabbitmq-server"),
    Path("/usr/local/sbin/rabbitmq-server"),
)


def installed_server() -> Path | None:
    """Return the path of a rabbitmq-server that any user can run, if there is one."""
    return next((place for place in _PLACES if os.access(place, os.X_OK)), None)


def can_install() -> bool:
    """Tell whether this process may install Debian packages."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def installed_redis() -> Path | None:
    """Return the path of a redis-server, if there is one."""
    found = shutil.which("redis-server")
    return Path(found) if found else None


def install_server() -> Path | None:
    """Install Debian's rabbitmq-server without starting its service; None if apt cannot."""
    return _install("rabbitmq-server", installed_server)


def install_redis() -> Path | None:
    """Install Debian's redis-server without starting its service; None if apt cannot."""
    return _install("redis-server", installed_redis)


def installed_chromium() -> Path | None:
    """Return the path of a Chromium, or of a browser made of it, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((Path(path) for name in names if (path := shutil.which(name))), None)


def install_chromium() -> Path | None:
    """Install Debian's chromium; None if apt cannot."""
    return _install("chromium", installed_chromium)


def installed_node() -> Path | None:
    """Return the path of a Node.js, if there is one."""
    found = shutil.which("node")
    return Path(found) if found else None


def install_node() -> Path | None:
    """Install Debian's nodejs; None if apt cannot."""
    return _install("nodejs", installed_node)


def _install(package: str, find: Callable[[], Path | None]) -> Path | None:
    with _one_at_a_time():
        found = find()
        if found is None:
            print(f"installing {package} with apt-get, once", file=sys.stderr, flush=True)
            with no_service_starts():
                _apt_get("update")
                _apt_get("install", "-y", "--no-install-recommends", package)
            found = find()
    return found


def _apt_get(*words: str) -> None:
    """Run apt-get; a failure is told, and shows in that the server is not there afterwards."""
    done = subprocess.run(
        ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *words],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"apt-get {words[0]} failed:\n{done.stdout[-2000:]}", file=sys.stderr, flush=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let two test runs that start together install once."""
    # A folder can be locked like a file, and this one leaves no lock file behind.
    folder = os.open("/var/lib/dpkg", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextmanager
def no_service_starts(policy: Path = Path("/usr/sbin/policy-rc.d")) -> Iterator[None]:
    """Deny services their start at installation (invoke-rc.d(8)), then put back what was there."""
    aside = policy.with_name(f"{policy.name}.queuegate")
    if policy.exists():
        policy.rename(aside)
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()
        if aside.exists():
            aside.rename(policy)
