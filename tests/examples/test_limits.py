"""The curl lines of docs/limits.md, word for word and in their order, against examples/limits."""

from collections.abc import Iterator
from typing import Final

import pytest

from ingress.limits.sections import LimitSection
from tests.harness.development import Development, development, lines
from tests.harness.processes import ROOT

FOLDER: Final = ROOT / "examples" / "limits"
PAGE: Final = ROOT / "docs" / "limits.md"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Development]:
    """Serve the sample routes with their service."""
    log = tmp_path_factory.mktemp("limits") / "log"
    with development(FOLDER, log, "serving echo.back") as running:
        yield running


def test_the_lines_of_the_page_answer_as_written(served: Development) -> None:
    """Status and text are as they stand behind each line."""
    found = lines("limits.md")
    assert len(found) >= 9
    for line, status, text in found:
        got, answer = served.said(line)
        assert (got, text in answer) == (status, True), f"{line}\n{answer}"


def test_the_page_tells_of_every_key() -> None:
    """Each key of a limit has its row in the page's table."""
    page = PAGE.read_text()
    for key in LimitSection.model_fields:
        assert f"`{key}" in page, key
