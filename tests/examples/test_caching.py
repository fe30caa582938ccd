"""The curl lines of docs/caching.md, word for word and in their order, against examples/caching."""

from collections.abc import Iterator
from typing import Final

import pytest

from tests.harness.development import Development, development, lines
from tests.harness.processes import ROOT

FOLDER: Final = ROOT / "examples" / "caching"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Development]:
    """Serve the sample routes with their service."""
    log = tmp_path_factory.mktemp("caching") / "log"
    with development(FOLDER, log) as running:
        yield running


def test_the_lines_of_the_page_answer_as_written(served: Development) -> None:
    """Status and text are as they stand behind each line."""
    found = lines("caching.md")
    assert len(found) > 20
    for line, status, text in found:
        got, answer = served.said(line)
        assert (got, text in answer) == (status, True), f"{line}\n{answer}"
