"""Options that commands share."""

from pathlib import Path

import pytest

from ingress.cli import options
from tests.ingress.cli.conftest import GOOD, Cli


def test_the_route_file_may_come_from_the_environment(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """QUEUEGATE_CONFIG names it, and --config or -c wins over that."""
    (tmp_path / "one.yaml").write_text(GOOD)
    (tmp_path / "two.yaml").write_text(GOOD)
    monkeypatch.setenv("QUEUEGATE_CONFIG", "one.yaml")
    assert cli("routes", "check").out.startswith("one.yaml: ")
    assert cli("routes", "check", "-c", "two.yaml").out.startswith("two.yaml: ")
    assert cli("routes", "check", "--config", "two.yaml").out.startswith("two.yaml: ")


@pytest.mark.parametrize("url", ["kafka://u:secret@h", "amqp://", "amqp://:secret@", "secret"])
def test_a_broker_that_cannot_be_is_wrong_usage(cli: Cli, url: str) -> None:
    """It is refused before anything starts, and not repeated, since it may hold a password."""
    told = cli("doctor", "--broker", url)
    assert told.code == 2
    assert "Invalid value for '--broker'" in told.err
    assert "secret" not in told.err


def test_an_empty_broker_is_none() -> None:
    """An empty BROKER_URL is as good as an unset one."""
    assert options.broker_url("") is None
    assert options.broker_url("amqp://h") == "amqp://h"
