"""``queuegate versions``."""

import json
from pathlib import Path

from msgspec.structs import replace

from ingress.journal.sqlite.store import SqliteStore
from tests.ingress.cli.conftest import Cli
from tests.ingress.journal.contract import MIXED

TEXT = """\
journal: {}
versions: {known: {"1": {sunset: 2020-01-31}, "2": {}}}
routes:
  - {route: GET /v1/a, operation: s.o, version: "1"}
  - {route: GET /v2/a, operation: s.o, version: "2"}
"""


def fill(folder: Path) -> None:
    (folder / "v.yaml").write_text(TEXT)
    store = SqliteStore(folder / "journal.db")
    one = replace(
        MIXED[0], route="GET /v1/a", caller="anna", code="gone", started=1_769_817_600_000
    )
    store.write([replace(one, id=f"v-{number}") for number in range(3)])
    store.close()


def test_list_tells_state_and_dates(cli: Cli, tmp_path: Path) -> None:
    """One line a version."""
    fill(tmp_path)
    told = cli("versions", "list", "-c", "v.yaml")
    assert told.code == 0
    assert told.out.splitlines()[1].split() == ["1", "gone", "-", "2020-01-31", "-", "1"]
    assert json.loads(cli("versions", "list", "-c", "v.yaml", "--json").out)[1]["version"] == "2"


def test_usage_tells_who_is_left(cli: Cli, tmp_path: Path) -> None:
    """From the journal, for people and for scripts."""
    fill(tmp_path)
    lines = cli("versions", "usage", "-c", "v.yaml").out.splitlines()
    assert lines[1].split() == ["1", "anna", "3", "3", "2026-01-31"]
    told = cli("versions", "usage", "-c", "v.yaml", "--json", "--caller", "nobody")
    assert json.loads(told.out) == []


def test_a_file_without_versions_says_so(cli: Cli) -> None:
    """It is no error."""
    told = cli("versions", "list")
    assert (told.code, told.out) == (0, "")
    assert "declares no versions" in told.err
