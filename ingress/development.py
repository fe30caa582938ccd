"""``queuegate dev``: gateway and workers in one process, anew after each change."""

import os
import socket
import sys
from pathlib import Path
from typing import Final

from contracts import logs, loop
from ingress import embedded, routefile
from ingress.compile import compile_plans
from ingress.gateway import Settings
from ingress.problems import ConfigError
from ingress.reload import run_again
from ingress.supervisor import listen

_SOCKETS: Final = "QUEUEGATE_SOCKETS"


def develop(settings: Settings, *, reload: bool) -> int:
    """Serve until SIGTERM or SIGINT; gives the exit code.

    Raises ``ConfigError`` for a wrong route file, ``ServiceError`` for a
    service that cannot be loaded, ``OSError`` when a port is taken.
    """
    modules = _modules(settings)
    public, private = _sockets(settings)
    with public, private:
        if reload:
            return loop.run(_again(settings, public, private))
        loop.run(embedded.serve(settings, modules, public, private))
    return 0


def _modules(settings: Settings) -> list[str]:
    """Give the services that the route file says how to import."""
    route_file = routefile.load(settings.config)
    services = route_file.services or {}
    modules = list(dict.fromkeys(one.module for one in services.values() if one.module))
    if not modules:
        name = route_file.routes[0].operation.partition(".")[0]
        message = "no service says where its code is, so there is nothing for `dev` to run"
        hint = f'add `services: {{{name}: {{module: "your_file:service"}}}}`'
        raise ConfigError([route_file.document.problem((), message, hint=hint)])
    return modules


def _sockets(settings: Settings) -> tuple[socket.socket, socket.socket]:
    """Bind the ports, or take over those of the parent that reloads us."""
    given = os.environ.get(_SOCKETS)
    if given:
        public, private = (socket.socket(fileno=int(number)) for number in given.split(","))
        return public, private
    public = listen(settings.host, settings.port)
    try:
        return public, listen(settings.admin_host, settings.admin_port)
    except OSError:
        public.close()
        raise


async def _again(settings: Settings, public: socket.socket, private: socket.socket) -> int:
    console = logs.configure(format=settings.log_format, level=settings.log_level)

    def right() -> bool:
        """Say whether the route file can be used; code is tried by running it."""
        try:
            compile_plans(routefile.load(settings.config))
        except ConfigError as error:
            # A line each: a log line is one line, so breaks in it would be escaped.
            for problem in error.problems:
                console.error("{}", problem)
            return False
        return True

    env = {
        _SOCKETS: f"{public.fileno()},{private.fileno()}",
        "LOG_FORMAT": settings.log_format,
        "LOG_LEVEL": settings.log_level,
    }
    if settings.broker:
        env["BROKER_URL"] = settings.broker
    return await run_again(
        [
            sys.executable,
            "-P",
            "-m",
            "ingress.cli",
            "dev",
            "--no-reload",
            "-c",
            str(settings.config),
        ],
        [Path.cwd()],
        sockets=[public, private],
        env=env,
        check=right,
        report=console.info,
    )
