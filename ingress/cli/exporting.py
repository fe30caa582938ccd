"""Writes records out: JSON lines or HAR, to a file or to stdout."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ingress.cli import screen
from ingress.journal import har as hars
from ingress.journal.document import document
from ingress.journal.record import Record

_PRIVATE: Final = 0o600


def export(records: Iterable[Record], *, har: bool, base: str, file: Path | None) -> int:
    """Write records; gives how many. A file is its owner's alone, and is there when it is whole.

    Raises ``OSError`` when it cannot be written.
    """
    counted = _Counted(records)
    pieces = hars.write(counted, base) if har else map(as_line, counted)
    if file is None:
        _write(pieces, sys.stdout.buffer)
        sys.stdout.flush()
        return counted.count
    part = file.with_name(f"{file.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
    with os.fdopen(descriptor, "wb") as target, counted.shown():
        _write(pieces, target)
    part.replace(file)
    return counted.count


def as_line(record: Record) -> bytes:
    """Write a record as one line of JSON."""
    return msgspec.json.encode(document(record)) + b"\n"


def _write(pieces: Iterable[bytes], target: BinaryIO) -> None:
    target.writelines(pieces)


class _Counted:
    """Passes records on, counts them, and shows the count on a terminal."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.count = 0
        self._records = records
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.completed} records"),
            TimeElapsedColumn(),
            console=screen.err(),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._progress.add_task("", total=None)

    def shown(self) -> Progress:
        return self._progress

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            self.count += 1
            self._progress.update(self._task, completed=self.count)
            yield record
