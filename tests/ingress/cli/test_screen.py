"""What is printed, on a terminal and in a pipe."""

import io
import os
import pty
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from ingress.cli import screen
from ingress.problems import ConfigError, Problem
from tests.harness.processes import ROOT, queuegate_command

PROBLEM = Problem(
    file="g.yaml",
    line=12,
    column=5,
    path="routes[0].x",
    message="no such key",
    hint="did you mean y?",
    quote="    x: 1",
)


def plain() -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, highlight=False, markup=False, soft_wrap=True), file


def on_terminal(*words: str, **env: str) -> str:
    """Run a command with a terminal for stdout and stderr; give what it printed."""
    master, slave = pty.openpty()
    whole = {**os.environ, "TERM": "xterm-256color", **env}
    child = subprocess.Popen(
        queuegate_command(*words), stdout=slave, stderr=slave, env=whole, cwd=ROOT
    )
    os.close(slave)
    parts = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # Linux says EIO when the other side is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(master)
    child.wait(10)
    return b"".join(parts).decode().replace("\r\n", "\n")


def test_a_table_is_aligned_and_not_wrapped() -> None:
    """Columns are as wide as their widest cell, and lines as long as they are."""
    console, file = plain()
    screen.table(console, ["A", "B"], [["one", "x" * 300], ["2", ""]])
    assert file.getvalue() == f"A    B\none  {'x' * 300}\n2\n"


def test_square_brackets_are_text() -> None:
    """No cell is taken for markup."""
    console, file = plain()
    screen.table(console, ["A"], [["[bold]routes[0]"]])
    assert file.getvalue() == "A\n[bold]routes[0]\n"


def test_in_a_pipe_problems_are_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """As editors and CI expect them."""
    screen.complain(ConfigError([PROBLEM]))
    told = "g.yaml:12:5: routes[0].x: no such key (did you mean y?)\n"
    assert capsys.readouterr() == ("", told)


def test_on_a_terminal_the_line_is_quoted_with_a_mark_below(tmp_path: Path) -> None:
    """With colours; the mark stands under the place."""
    (tmp_path / "g.yaml").write_text("routes: []\nbrokr: memory://\n")
    told = on_terminal("routes", "check", "-c", str(tmp_path / "g.yaml"), NO_COLOR="1")
    assert "  2 | brokr: memory://" in _without_escapes(told)
    assert "\n    | ^\n" in _without_escapes(told)
    assert "no such key (did you mean broker?)" in _without_escapes(told)
    assert "2 problems" in _without_escapes(told)


def test_colours_are_for_terminals_without_no_color() -> None:
    """A terminal has them, NO_COLOR takes them away, a pipe has none."""
    red_green_cyan = ("\x1b[31m", "\x1b[32m", "\x1b[36m")
    words = ("routes", "list", "-c", "gateway.yaml")
    coloured = {name: value for name, value in os.environ.items() if name == "NO_COLOR"}
    assert not coloured, "this test needs NO_COLOR unset"
    assert any(colour in on_terminal(*words) for colour in red_green_cyan)
    assert not any(colour in on_terminal(*words, NO_COLOR="1") for colour in red_green_cyan)
    piped = subprocess.run(queuegate_command(*words), capture_output=True, check=True, cwd=ROOT)
    assert b"\x1b" not in piped.stdout


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Records, lists and texts, indented."""
    screen.as_json({"problems": [PROBLEM]})
    out = capsys.readouterr().out
    assert out.startswith('{\n  "problems": [\n    {\n      "file": "g.yaml",')


def _without_escapes(text: str) -> str:
    import re  # noqa: PLC0415 - for this alone

    return re.sub(r"\x1b\[[0-9;]*m", "", text)
