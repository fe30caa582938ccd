"""The official JSON Schema test suite: what 2020-12 requires, all of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ingress import content
from ingress.validation.checker import Checker, Library
from tests.harness.processes import ROOT
from tests.ingress.policies.asked import Asked

SUITE = ROOT / "tests" / "vendor" / "json-schema"
FILES = sorted((SUITE / "tests" / "draft2020-12").glob("*.json"))
# As many as the copy holds; a file that is lost on the way is noticed.
ALL = 1299


def remotes() -> Library:
    folder = SUITE / "remotes"
    return Library(
        {
            f"http://localhost:1234/{path.relative_to(folder).as_posix()}": _read(path)
            for path in folder.rglob("*.json")
        }
    )


def cases(path: Path) -> Iterator[tuple[str, Checker, Any, bool]]:
    library = remotes()
    for group in _read(path):
        # Without formats: in 2020-12 they are remarks unless one asks for more.
        checker = Checker(group["schema"], library=library, formats=False)
        for test in group["tests"]:
            name = f"{group['description']}: {test['description']}"
            yield name, checker, test["data"], test["valid"]


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_official_suite_passes(path: Path) -> None:
    """A valid instance has no violations and an invalid one has, read from JSON as a body is."""
    wrong = []
    for name, checker, data, valid in cases(path):
        value = content.value(Asked(msgspec.json.encode(data)))
        if bool(checker.violations(value)) is valid or checker.fits(value) is not valid:
            wrong.append(name)
    assert wrong == []


def test_the_whole_suite_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """No file of it was left out."""
    count = sum(len(group["tests"]) for path in FILES for group in _read(path))
    with capsys.disabled():
        print(f"\nJSON Schema test suite, 2020-12 required: {count} cases in {len(FILES)} files")
    assert (count, len(FILES)) == (ALL, 46)


def _read(path: Path) -> Any:
    return msgspec.json.decode(path.read_bytes())
