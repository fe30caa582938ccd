"""``queuegate version``."""

import json
from importlib.metadata import version

from tests.ingress.cli.conftest import Cli


def test_it_prints_the_version(cli: Cli) -> None:
    """One line, that of the installed distribution."""
    assert cli("version").out == f"queuegate {version('queuegate')}\n"


def test_the_option_that_other_commands_have_prints_it_too(cli: Cli) -> None:
    """It is what people type first."""
    assert cli("--version") == (0, f"queuegate {version('queuegate')}\n", "")


def test_for_a_bug_report_it_prints_those_of_the_parts(cli: Cli) -> None:
    """As JSON, with Python's."""
    parts = json.loads(cli("version", "--json").out)
    assert parts["queuegate"] == version("queuegate")
    assert {"python", "sanic", "aio-pika"} <= set(parts)
