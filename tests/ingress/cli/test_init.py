"""The command line as a whole."""

import os
import subprocess
import sys

import pytest

import ingress.cli
from tests.harness.processes import ROOT, queuegate_command
from tests.ingress.cli.conftest import Cli


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["routes", "-h"], ["serve", "--help"]])
def test_help_is_help(cli: Cli, words: list[str]) -> None:
    """Every level has it, by both names, and it exits with 0."""
    told = cli(*words)
    assert told.code == 0
    assert "Usage: queuegate" in told.out


def test_every_command_is_there(cli: Cli) -> None:
    """The help lists them all."""
    out = cli("--help").out
    for command in ("serve", "worker", "dev", "routes", "log", "doctor", "version"):
        assert f" {command} " in out
    assert "--install-completion" in out


@pytest.mark.parametrize("words", [["nonsense"], ["serve", "--prot", "1"], ["serve", "-n", "0"]])
def test_wrong_usage_is_exit_code_2(cli: Cli, words: list[str]) -> None:
    """The reason goes to stderr, and nothing to stdout."""
    told = cli(*words)
    assert (told.code, told.out) == (2, "")
    assert "Usage:" in told.err


def test_help_imports_nothing_heavy() -> None:
    """So that it, the version and tab completion answer at once."""
    # Not pydantic: typer itself reads options with it.
    heavy = "sanic aio_pika yaml msgspec prometheus_client uvloop watchfiles asyncio"
    code = (
        "import sys\nfrom ingress.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('HEAVY', sorted(set({heavy.split()!r}) & set(sys.modules)))"
    )
    for words in (["--help"], ["version"]):
        ended = subprocess.run(
            [sys.executable, "-c", code, *words],
            capture_output=True,
            check=True,
            text=True,
            cwd=ROOT,
        )
        assert "HEAVY []" in ended.stdout


def test_it_runs_as_a_module() -> None:
    """``python -m ingress.cli`` is the command too."""
    ended = subprocess.run(
        queuegate_command("version"), capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("queuegate ")


def test_an_interrupt_is_exit_code_130_without_a_word(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C is no failure to be explained."""

    def interrupt(**_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ingress.cli, "app", interrupt)
    assert cli("version") == (130, "", "")


def test_completion_offers_commands() -> None:
    """The shell asks the command itself."""
    env = {"_QUEUEGATE_COMPLETE": "complete_bash", "COMP_WORDS": "queuegate d", "COMP_CWORD": "1"}
    ended = subprocess.run(
        queuegate_command(),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **env},
    )
    assert ended.stdout.split() == ["dev", "describe", "doctor", "dlq"]
