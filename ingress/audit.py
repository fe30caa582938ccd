"""Who did what to dead letters: a line in the log, and in a file for who wants to keep it."""

import os
import pwd
from pathlib import Path
from typing import Any

from contracts import logs
from contracts.deadline import now_ms
from ingress.auditfile import AuditFile
from ingress.dlq import Order, Tally


class Audit:
    """Writes down orders of one person or client, when they begin and when they end.

    ``who`` is an OS user or a client's address. ``file`` gets one JSON object a line, each written
    to the disk before the work goes on. Raises ``OSError`` when it cannot be written.
    """

    def __init__(self, who: str, file: Path | None = None) -> None:
        self._who = who
        self._file = None if file is None else AuditFile(file)

    def __repr__(self) -> str:
        return f"<Audit {self._who} {self._file or 'log'}>"

    def begun(self, action: str, queue: str, order: Order) -> None:
        """Write that an order begins: whoever is killed in the middle leaves this line alone."""
        self._write("begun", action, queue, order, {})

    def ended(self, action: str, queue: str, order: Order, tally: Tally) -> None:
        """Write how an order ended, also one that was interrupted."""
        counts = {
            "done": tally.done,
            "failed": tally.failed,
            "fitting": tally.fitting,
            "looked": tally.looked,
            "stopped": tally.stopped,
        }
        self._write("ended", action, queue, order, counts)

    def _write(
        self, event: str, action: str, queue: str, order: Order, counts: dict[str, Any]
    ) -> None:
        fields = {
            "action": action,
            "who": self._who,
            "queue": queue,
            "filter": str(order.filter),
            "to": order.to,
            "limit": order.limit,
            "dry_run": order.dry_run or None,
            **counts,
        }
        logs.bind(**fields).info("dead letters: {} {}", action, event)
        if self._file is not None:
            self._file.append({"at": now_ms(), "event": event, **fields})


def os_user() -> str:
    """Name the user whose process this is, and the one behind a ``sudo``.

    By the user id, since the environment says whatever somebody wrote into it.
    """
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = f"uid {number}"
    behind = os.environ.get("SUDO_USER", "")
    return f"{name} (sudo by {behind})" if behind else name
