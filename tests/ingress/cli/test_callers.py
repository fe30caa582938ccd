"""``queuegate callers``."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.callers.keys import read_keys
from ingress.cli.callers import app

RUNNER = CliRunner()


def test_a_pair_is_made_and_its_public_half_is_printed(tmp_path: Path) -> None:
    """The gateway has the one, workers the other."""
    path = tmp_path / "keys.json"
    made = RUNNER.invoke(app, ["keygen", "--kid", "k1", "--add-to", str(path)])
    assert (made.exit_code, made.stdout) == (0, "")
    assert "k1 is the first key now" in made.stderr
    printed = RUNNER.invoke(app, ["public", str(path)])
    (key,) = read_keys(printed.stdout)
    assert (printed.exit_code, repr(key)) == (0, "<Ed25519 k1 public>")


@pytest.mark.parametrize("words, kind", [([], "Ed25519"), (["--hmac"], "Hmac")])
def test_without_a_file_the_set_is_printed(words: list[str], kind: str) -> None:
    """For whatever keeps secrets."""
    made = RUNNER.invoke(app, ["keygen", *words, "--kid", "k1"])
    (key,) = read_keys(made.stdout)
    assert (made.exit_code, repr(key)) == (0, f"<{kind} k1>")


def test_what_goes_wrong_has_its_exit_code(tmp_path: Path) -> None:
    """2 for a name that cannot be, 1 for a set without public halves."""
    path = tmp_path / "keys.json"
    assert RUNNER.invoke(app, ["keygen", "--kid", "a b"]).exit_code == 2
    RUNNER.invoke(app, ["keygen", "--hmac", "--add-to", str(path)])
    refused = RUNNER.invoke(app, ["public", str(path)])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "no public half" in refused.stderr
    assert RUNNER.invoke(app, ["public", str(tmp_path / "none")]).exit_code == 2
