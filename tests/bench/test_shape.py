"""The command that tells what looking into bodies costs."""

import re

import pytest

from bench import shape


def test_each_policy_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """One round gives a figure for each, and the codings make a reply smaller."""
    assert shape.main(["--rounds", "1"]) == 0
    told = capsys.readouterr().out
    for name in ("validate, body", "transform, body", "forms", "decompress, gzip"):
        assert re.search(rf"^{name} +-?\d+\.\d$", told, re.MULTILINE)
    sizes = re.findall(r"^compress, \w+ +\d+ +(\d+)$", told, re.MULTILINE)
    assert len(sizes) == 3
    assert all(int(size) < 10_000 for size in sizes)
