"""A file of orders."""

from pathlib import Path

import pytest

from ingress.auditfile import AuditFile


def test_records_are_appended_a_line_each(tmp_path: Path) -> None:
    """To what was there; nobody else but the group may read it."""
    path = tmp_path / "audit.jsonl"
    AuditFile(path).append({"a": 1})
    AuditFile(path).append({"b": "x\ny"})
    assert path.read_text() == '{"a":1}\n{"b":"x\\ny"}\n'
    assert path.stat().st_mode & 0o007 == 0
    assert str(path) in repr(AuditFile(path))


def test_one_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    """Before anything is done that it should hold."""
    with pytest.raises(OSError, match="No such file"):
        AuditFile(tmp_path / "nowhere" / "audit.jsonl")
