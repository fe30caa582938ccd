"""docs/journal.md tells the truth: its commands, its fields, its samples."""

import json
import re
import shlex
from pathlib import Path

from ingress import routefile
from ingress.journal.document import document
from tests.harness.processes import ROOT
from tests.ingress.cli.conftest import Cli
from tests.ingress.cli.journaled import fill
from tests.ingress.journal.recorded import full, record

PAGE = (ROOT / "docs" / "journal.md").read_text()
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


def test_the_commands_do_what_they_say(cli: Cli, tmp_path: Path) -> None:
    """Every command of the page ends well."""
    fill(tmp_path)
    said = {}
    for line in COMMANDS:
        name, *words = shlex.split(line)
        assert name == "queuegate"
        told = cli(*words)
        assert told.code == 0, line
        said[line] = told
    assert len(COMMANDS) == 9
    assert [json.loads(line)["id"] for line in said[COMMANDS[2]].out.splitlines()] == ["r-6"]
    assert said[COMMANDS[5]].out.startswith("curl ")
    assert len(json.loads((tmp_path / "orders.har").read_text())["log"]["entries"]) == 2


def test_every_field_is_on_the_page() -> None:
    """The table names each field of a record as JSON."""
    fields = {*document(full()), *document(record(content=b"x", key="k"))}
    assert [name for name in sorted(fields) if f"`{name}`" not in PAGE] == []


def test_the_samples_are_right() -> None:
    """What the page says to write can be written."""
    first, second = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert routefile.parse(first.encode()).routes[0].journal == "full"
    key = "ab" * 32
    rest = f'journal: {{keys: ["{key}"]}}\nroutes: [{{route: GET /a, operation: a.b}}]\n'
    assert routefile.parse((second + rest).encode())
