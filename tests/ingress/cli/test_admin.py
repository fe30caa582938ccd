"""``queuegate admin``."""

from pathlib import Path

import pytest

from ingress import admin_token
from tests.ingress.cli.conftest import Cli


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file of this test's own."""
    monkeypatch.setenv(admin_token.FILE_VARIABLE, str(tmp_path / "token"))
    return tmp_path / "token"


def test_the_token_is_printed_for_a_script(cli: Cli, place: Path) -> None:
    """That of the file that gateways make; before that it is said so."""
    told = cli("admin", "token")
    assert (told.code, "a gateway makes it when it starts" in told.err) == (1, True)
    made = admin_token.find_or_make(place)
    assert cli("admin", "token").out == f"{made}\n"
    assert cli("admin", "token", "--where").out == f"{place}\n"


def test_the_route_files_token_is_first(cli: Cli, tmp_path: Path) -> None:
    """And where it wants none that is said."""
    routes = (tmp_path / "gateway.yaml").read_text()
    (tmp_path / "gateway.yaml").write_text(f"{routes}\nadmin: {{token: sixteen-letters!}}\n")
    assert cli("admin", "token").out == "sixteen-letters!\n"
    (tmp_path / "gateway.yaml").write_text(f"{routes}\nadmin: {{token: off}}\n")
    told = cli("admin", "token")
    assert (told.code, "wants none" in told.err) == (1, True)
