"""What Tab offers of consumers, keys and plans."""

from pathlib import Path

import pytest
import typer

from ingress.cli import consumer_options
from tests.ingress.cli import shop_with_keys
from tests.ingress.cli.conftest import Cli


def offered(what: str, field: str, incomplete: str, **params: object) -> list[str]:
    context = typer.Context(typer.main.get_command(typer.Typer(callback=lambda: None)))
    context.params = dict(params)
    return consumer_options._offer(what, field)(context, incomplete)


def test_names_of_the_file_and_of_the_store_are_offered(cli: Cli, tmp_path: Path) -> None:
    """Those that begin as it was typed."""
    shop_with_keys.write(tmp_path)
    cli("consumers", "add", "anna")
    assert offered("consumers", "name", "") == ["anna", "fay"]
    assert offered("consumers", "name", "f") == ["fay"]
    assert offered("keys", "id", "") == ["fay-1"]
    assert offered("usage-plans", "name", "") == ["free"]


def test_whatever_goes_wrong_nothing_is_offered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is written into the user's line."""
    assert offered("consumers", "name", "", config=tmp_path / "none.yaml") == []
    assert offered("consumers", "name", "", admin="http://127.0.0.1:1") == []
    assert capsys.readouterr() == ("", "")
