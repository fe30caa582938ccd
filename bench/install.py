"""Puts what the benchmark needs into its own folders, once."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.places import BENCH, PEERS, WORK
from bench.progress import Progress


class MissingError(RuntimeError):
    """Something that is needed is not there, and the message says what to do."""


def wrk() -> None:
    """Find wrk, or install it with apt-get where this process is root."""
    if shutil.which("wrk"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update"], ["install", "-y", "--no-install-recommends", "wrk"]):
            _run(["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *words], Path())
    if not shutil.which("wrk"):
        message = "wrk is not installed: apt install wrk, or brew install wrk"
        raise MissingError(message)


def peers(names: Sequence[str], progress: Progress) -> None:
    """Install the dependencies of these peers, each from its own lock file."""
    for name in names:
        source = PEERS / name
        if (source / "package.json").exists():
            _node(source, WORK / name, progress)
        elif (source / "requirements.txt").exists():
            _venv(source / "requirements.txt", WORK / name, progress)


def chart(progress: Progress) -> Path:
    """Install what draws the charts; return the Python that can."""
    _venv(BENCH / "chart.txt", WORK / "chart", progress)
    return WORK / "chart" / ".venv" / "bin" / "python"


def _node(source: Path, target: Path, progress: Progress) -> None:
    if not shutil.which("npm"):
        message = f"the peer {source.name} needs Node 20 with npm; --only leaves it out"
        raise MissingError(message)
    target.mkdir(parents=True, exist_ok=True)
    # Node finds modules from a file's own folder upwards, so the sources go beside them.
    for file in source.iterdir():
        shutil.copy2(file, target)
    lock = source / "package-lock.json"
    if _is_done(target, lock):
        return
    progress.say(f"installing {source.name} with npm")
    _run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], target)
    _mark(target, lock)


def _venv(requirements: Path, target: Path, progress: Progress) -> None:
    if _is_done(target, requirements):
        return
    progress.say(f"installing {target.name} with pip")
    _run([sys.executable, "-m", "venv", "--clear", str(target / ".venv")], WORK.parent)
    pip = [
        str(target / ".venv" / "bin" / "python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
    ]
    _run([*pip, "--quiet", "-r", str(requirements)], target)
    _mark(target, requirements)


def _is_done(target: Path, lock: Path) -> bool:
    stamp = target / ".installed"
    return stamp.exists() and stamp.read_text() == _digest(lock)


def _mark(target: Path, lock: Path) -> None:
    (target / ".installed").write_text(_digest(lock))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _run(words: list[str], folder: Path) -> None:
    done = subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"{' '.join(words)} failed:\n{done.stdout[-2000:]}"
        raise MissingError(message)
