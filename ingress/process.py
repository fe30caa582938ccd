"""Gateway processes: one in this process, or several under a supervisor.

A child is ``python -m ingress.process``. It gets its settings and the numbers
of the listening sockets in one environment variable, so nothing has to be
parsed from a command line twice.
"""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import Sequence
from typing import Final

import msgspec

from contracts import logs, loop
from contracts.brokers.opening import open_broker
from ingress import routefile
from ingress.gateway import Gateway, Settings
from ingress.lifetime import until_told
from ingress.limits.opening import FOLDER
from ingress.observers import metrics
from ingress.problems import ConfigError, UsageError
from ingress.supervisor import Supervisor, hold_lifeline, listen

_CHILD: Final = "QUEUEGATE_PROCESS"
_METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"


class _Child(msgspec.Struct, frozen=True):
    settings: Settings
    public: int
    admin: int


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; gives the exit code.

    Raises ``ConfigError`` for a wrong route file, ``UsageError`` for settings
    that do not go together, and ``OSError`` when a port is taken.
    """
    url = broker_url(settings)
    if settings.processes > 1 and url.startswith("memory:"):
        msg = (
            "memory:// lives in one process: use one process, or give an amqp:// URL in BROKER_URL"
        )
        raise UsageError(msg)
    public = listen(settings.host, settings.port)
    with public, listen(settings.admin_host, settings.admin_port) as private:
        if settings.processes == 1:
            loop.run(_serve_here(settings, public, private))
            return 0
        return _serve_many(settings, public, private)


def broker_url(settings: Settings) -> str:
    """Give the broker's URL: the setting, else the route file's."""
    return settings.broker or routefile.load(settings.config).broker


def _serve_many(settings: Settings, public: socket.socket, private: socket.socket) -> int:
    console = logs.configure(format=settings.log_format, level=settings.log_level)
    child = _Child(settings, public.fileno(), private.fileno())
    with tempfile.TemporaryDirectory(prefix="queuegate-metrics-") as folder:
        supervisor = Supervisor(
            [sys.executable, "-P", "-m", "ingress.process"],
            settings.processes,
            sockets=[public, private],
            env={
                _CHILD: msgspec.json.encode(child, enc_hook=str).decode(),
                _METRICS: folder,
                FOLDER: f"{folder}/limits",
            },
            grace=settings.drain_delay + settings.drain_timeout + 5,
            report=console.warning,
            on_exit=lambda pid: metrics.forget(pid, folder),
        )
        return loop.run(supervisor.run())


async def _serve_here(settings: Settings, public: socket.socket, private: socket.socket) -> None:
    console = logs.configure(format=settings.log_format, level=settings.log_level)
    url = broker_url(settings)
    if url.startswith("memory:"):
        console.warning(
            "{} is inside this process, where no worker is: every call will be answered 503. "
            "Set BROKER_URL to an amqp:// URL, or use `queuegate dev`",
            url,
        )
    broker = open_broker(url, name=f"queuegate gateway {os.getpid()}")
    gateway = Gateway(settings, broker, console)
    stop = asyncio.Event()
    hold_lifeline(stop.set)
    await until_told(gateway, public, private, stop)


def _from_json(kind: type, value: object) -> object:
    return kind(value)


def main(_arguments: Sequence[str] = ()) -> int:
    """Run one child."""
    child = msgspec.json.decode(os.environ[_CHILD], type=_Child, dec_hook=_from_json)
    with socket.socket(fileno=child.public) as public, socket.socket(fileno=child.admin) as private:
        try:
            loop.run(_serve_here(child.settings, public, private))
        except ConfigError as error:
            print(error, file=sys.stderr)  # noqa: T201 - what a command says to a person
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
