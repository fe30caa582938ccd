"""A file that orders are written into, one JSON object a line, for who wants to keep them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

_MODE: Final = 0o640


class AuditFile:
    """Appends records, each on the disk before the work goes on.

    Raises ``OSError`` when it cannot be written, also at once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._append(b"")

    def append(self, record: Mapping[str, Any]) -> None:
        """Append one."""
        self._append(msgspec.json.encode(record) + b"\n")

    def _append(self, line: bytes) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)
        try:
            if line:
                os.write(descriptor, line)
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def __repr__(self) -> str:
        return f"<AuditFile {self._path}>"
