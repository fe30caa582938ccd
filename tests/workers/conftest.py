"""Fixtures for the tests of the SDK."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from contracts import logs


class _Lines(list[dict[str, str]]):
    """Log lines as they come."""


class _Sink(io.StringIO):
    def __init__(self, lines: _Lines) -> None:
        super().__init__()
        self._lines = lines

    def write(self, text: str) -> int:
        self._lines.extend(json.loads(line) for line in text.splitlines() if line)
        return len(text)


@pytest.fixture(autouse=True)
def lines() -> Iterator[list[dict[str, str]]]:
    """The log lines of the test, as JSON."""
    handlers = logging.getLogger().handlers[:]
    written = _Lines()
    logs.configure(format="json", level="DEBUG", stream=_Sink(written))
    yield written
    logs.configure()
    logging.getLogger().handlers[:] = handlers
