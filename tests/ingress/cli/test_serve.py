"""``queuegate serve``: its options become settings."""

import inspect
from pathlib import Path

import pytest

from ingress import process
from ingress.cli import serve
from ingress.gateway import Settings
from tests.ingress.cli.conftest import Cli


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """What would have been served."""
    seen: list[Settings] = []

    def serve(settings: Settings) -> int:
        seen.append(settings)
        return 0

    monkeypatch.setattr(process, "serve", serve)
    return seen


def test_without_options_the_settings_are_their_defaults(cli: Cli, served: list[Settings]) -> None:
    """The command line adds no defaults of its own."""
    assert cli("serve").code == 0
    assert served == [Settings()]


def test_every_option_reaches_the_settings(cli: Cli, served: list[Settings]) -> None:
    """None is taken and forgotten."""
    words = "-c x.yaml --broker amqp://h --host 0.0.0.0 --port 1 --admin-host ::1 --admin-port 2"
    words += " -n 3 --drain-delay 4 --drain-timeout 5 --log-format json --log-level DEBUG"
    assert cli("serve", *words.split()).code == 0
    assert served == [
        Settings(
            config=Path("x.yaml"),
            broker="amqp://h",
            host="0.0.0.0",
            port=1,
            admin_host="::1",
            admin_port=2,
            processes=3,
            drain_delay=4,
            drain_timeout=5,
            log_format="json",
            log_level="DEBUG",
        )
    ]


def test_options_come_from_the_environment(
    cli: Cli, served: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As containers set them."""
    for name, value in {"BROKER_URL": "amqp://h", "PORT": "9", "LOG_FORMAT": "json"}.items():
        monkeypatch.setenv(name, value)
    assert cli("serve").code == 0
    (settings,) = served
    assert (settings.broker, settings.port, settings.log_format) == ("amqp://h", 9, "json")


def test_a_wrong_route_file_is_exit_code_2(cli: Cli, tmp_path: Path) -> None:
    """Nothing is served then."""
    (tmp_path / "gateway.yaml").write_text("routes: 5")
    told = cli("serve", "--port", "0", "--admin-port", "0")
    assert told.code == 2
    assert told.err == "gateway.yaml:1:9: routes: this must be a list, not a number\n"


def test_several_processes_need_a_real_broker(cli: Cli) -> None:
    """The embedded one lives in one process, so this is wrong usage."""
    told = cli("serve", "-n", "2", "--port", "0", "--admin-port", "0")
    assert told.code == 2
    assert "memory:// lives in one process" in told.err


def test_the_admin_port_is_on_loopback() -> None:
    """Unless it is told otherwise, by a word on the command line or in the environment."""
    asked = inspect.signature(serve.serve).parameters["admin_host"].default
    assert asked == Settings().admin_host == "127.0.0.1"
