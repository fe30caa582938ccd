import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingress.cli import exporting
from ingress.journal.record import JournalError, Record
from tests.ingress.journal.recorded import full, record


def test_a_line_is_one_object() -> None:
    """However many lines a body has, the record has one."""
    line = exporting.as_line(full(request_body=b"a\nb"))
    assert line.count(b"\n") == 1
    assert json.loads(line)["request"]["body"] == "a\nb"


def test_a_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    """An export that fails in the middle leaves what was there before."""
    path = tmp_path / "x.jsonl"
    path.write_text("before")

    def broken() -> Iterator[Record]:
        yield record()
        raise JournalError("damaged")

    with pytest.raises(JournalError):
        exporting.export(broken(), har=False, base="", file=path)
    assert path.read_text() == "before"
    assert exporting.export([record(), full()], har=False, base="", file=path) == 2
    assert len(path.read_text().splitlines()) == 2
