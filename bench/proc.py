"""CPU time and memory of process trees, from Linux's /proc (proc_pid_stat(5) and _status(5))."""

import os
from collections import defaultdict
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the name in parentheses, counted from 0: state is the first.
_PARENT, _UTIME, _STIME = 1, 11, 12
# Of the line "cpu" in /proc/stat.
_STOLEN: Final = 8
_LISTEN: Final = "0A"


def available() -> bool:
    """Tell whether this machine has a /proc that can be read so."""
    return (_PROC / "self" / "stat").exists()


def tree(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children[int(fields[_PARENT])].append(int(entry.name))
    found = [pid]
    for one in found:
        found += children[one]
    return found


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process tree so far, user and system; a dead process counts 0."""
    ticks = 0
    for one in tree(pid):
        if fields := _stat(one):
            ticks += int(fields[_UTIME]) + int(fields[_STIME])
    return ticks / _TICKS


def starved_seconds(pid: int) -> float:
    """Return for how long the main thread of a process has waited for a CPU so far.

    It had something to do, and the machine gave it no turn (the second figure of
    ``/proc/PID/schedstat``, in nanoseconds). A process that is gone, or a kernel that does not
    count it, gives 0.
    """
    try:
        return int((_PROC / str(pid) / "schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def stolen_seconds() -> float:
    """Return how much CPU time the host has taken from this machine so far, over all its CPUs."""
    try:
        fields = (_PROC / "stat").read_text().split("\n", 1)[0].split()
        return int(fields[_STOLEN]) / _TICKS
    except (OSError, IndexError):
        return 0.0


def peak_memory(pid: int) -> int:
    """Return the sum of the peaks (VmHWM) of a process tree, in bytes."""
    return sum(_status(one, "VmHWM") for one in tree(pid))


def memory(pid: int) -> int:
    """Return what a process tree has in memory now (VmRSS), in bytes."""
    return sum(_status(one, "VmRSS") for one in tree(pid))


def forget_peak(pid: int) -> None:
    """Let the peaks of a process tree begin anew, where the kernel lets us."""
    for one in tree(pid):
        try:
            (_PROC / str(one) / "clear_refs").write_text("5")
        except OSError:
            continue


def listener(port: int) -> int | None:
    """Find the process that listens on this TCP port of this machine, if it is ours to see."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    if not sockets:
        return None
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and sockets & _open_sockets(entry):
            return int(entry.name)
    return None


def _listening(port: int) -> set[str]:
    inodes = set()
    for name in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / name).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes


def _open_sockets(process: Path) -> set[str]:
    try:
        links = list((process / "fd").iterdir())
    except OSError:
        return set()
    return {str(target) for link in links if (target := _readlink(link))}


def _readlink(link: Path) -> Path | None:
    try:
        return link.readlink()
    except OSError:
        return None  # closed since it was listed


def _stat(pid: int) -> list[str] | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The name may hold spaces and parentheses: what counts comes after the last one.
    return text.rpartition(")")[2].split()


def _status(pid: int, key: str) -> int:
    try:
        text = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    return 0
