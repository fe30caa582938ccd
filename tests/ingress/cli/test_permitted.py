"""``queuegate routes explain --as``, and the page that shows it."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingress.cli.routes import app
from tests.harness.processes import ROOT

PAGE = (ROOT / "docs" / "authorization.md").read_text()
(SAMPLE,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^```sh\nqueuegate routes (.*)\n((?:#.*\n)+)```", PAGE, re.MULTILINE)
RUNNER = CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> str:
    """The page's route file."""
    path = tmp_path / "gateway.yaml"
    path.write_text(SAMPLE)
    return str(path)


@pytest.mark.parametrize("command, output", COMMANDS)
def test_a_command_of_the_page_prints_what_stands_there(
    config: str, command: str, output: str
) -> None:
    """To the letter."""
    done = RUNNER.invoke(app, [*shlex.split(command), "-c", config])
    shown = "".join(f"{line[1:].removeprefix(' ')}\n" for line in output.splitlines())
    assert (done.exit_code, done.stdout) == (0, shown)


def test_the_page_has_three_of_them() -> None:
    """None is passed over."""
    assert len(COMMANDS) == 3


def test_json_has_each_route(config: str) -> None:
    """With what a call would be answered, and the rules."""
    done = RUNNER.invoke(app, ["explain", "--as", "bob", "--json", "-c", config])
    rows = json.loads(done.stdout)
    assert [row["may"] for row in rows] == ["yes", "yes", "no", "no"]
    assert rows[2]["status"] == 403
    assert rows[2]["rules"] == ["the scope orders:write"]


@pytest.mark.parametrize(
    "words, code, complaint",
    [
        (["--as", "bbo"], 2, "did you mean bob"),
        (["--as", "bob", "GET", "/nowhere"], 1, "no route is or takes"),
        (["--as", "bob", "--address", "here"], 2, "is no address"),
        ([], 2, "name a route, or a caller"),
    ],
)
def test_what_is_not_there_is_told(
    config: str, words: list[str], code: int, complaint: str
) -> None:
    """2 for what was asked wrongly, 1 for a route that is not there."""
    done = RUNNER.invoke(app, ["explain", *words, "-c", config])
    assert done.exit_code == code
    assert complaint in re.sub(r"[│\s]+", " ", done.stderr)
