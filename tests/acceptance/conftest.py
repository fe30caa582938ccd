"""The stage of an acceptance test, shown when the test fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _show_what_was_said(tmp_path: Path) -> Iterator[None]:
    """Print the processes' output, which pytest shows beside a failure."""
    yield
    log = tmp_path / "log"
    if log.exists():
        print(log.read_text()[-20_000:])
