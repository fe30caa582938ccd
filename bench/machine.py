"""What the figures were measured on, and with which versions."""

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.places import PEERS, ROOT

_OURS: Final = ("sanic", "aio-pika", "aiormq", "uvloop", "msgspec", "msgpack", "loguru")
_PEERS: Final = ("amqplib", "fastify", "@nestjs/core", "@nestjs/microservices", "moleculer")
_PYTHON_PEERS: Final = ("fastapi", "faststream", "uvicorn", "nameko", "eventlet", "kombu")


def describe() -> dict[str, str]:
    """Describe this machine: processor, cores that this process may use, memory, system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": _processor(),
        "cores": str(cores),
        "memory": f"{_memory_gib():.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "load_before": f"{os.getloadavg()[0]:.2f}",
    }


def versions(rabbitmq: str) -> dict[str, str]:
    """Return the versions of all that takes part."""
    found = {"python": platform.python_version(), "rabbitmq": rabbitmq}
    if shutil.which("node"):
        found["node"] = _output(["node", "--version"]).lstrip("v")
    if shutil.which("wrk"):
        found["wrk"] = _output(["wrk", "--version"]).removeprefix("wrk ").split(" ")[0]
    found |= {name: importlib.metadata.version(name) for name in _OURS}
    for lock in sorted(PEERS.glob("*/package-lock.json")):
        packages = msgspec.json.decode(lock.read_bytes())["packages"]
        for name in _PEERS:
            if entry := packages.get(f"node_modules/{name}"):
                found[f"{lock.parent.name}: {name}"] = entry["version"]
    for pins in sorted(PEERS.glob("*/requirements.txt")):
        for name, version in re.findall(r"^([\w.-]+)==(\S+)$", pins.read_text(), re.MULTILINE):
            if name.lower() in _PYTHON_PEERS:
                found[f"{pins.parent.name}: {name.lower()}"] = version
    return found


def commit() -> str:
    """Return the commit that is measured, with a mark when files differ from it."""
    name = _output(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"])
    tracked = ["status", "--porcelain", "--untracked-files=no"]
    changed = _output(["git", "-C", str(ROOT), *tracked])
    return f"{name or 'unknown'}{' with changes' if changed else ''}"


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3


def _output(words: Sequence[str]) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    lines = done.stdout.strip().splitlines()
    return lines[0] if lines else ""
