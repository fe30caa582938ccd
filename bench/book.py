"""``latest.json``: read and written."""

import os
from pathlib import Path

import msgspec

from bench.record import FORMAT, Book, Result


def read(file: Path) -> Book:
    """Read the latest results; an empty book when there are none, or they have another format."""
    try:
        book = msgspec.json.decode(file.read_bytes(), type=Book)
    except (FileNotFoundError, msgspec.ValidationError):
        return Book()
    return book if book.format == FORMAT else Book()


def write(file: Path, result: Result) -> None:
    """Put a result in the place of the one before of its suite; all other suites stay."""
    book = read(file)
    book.suites[result.suite] = result
    file.parent.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(book), indent=1)
    # In one step: a run that is killed must not leave half a file.
    aside = file.with_suffix(".new")
    aside.write_bytes(text + b"\n")
    os.replace(aside, file)  # noqa: PTH105 - Path.replace does the same; this says it is atomic
