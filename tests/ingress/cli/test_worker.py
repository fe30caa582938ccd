"""``queuegate worker``: its options become settings."""

import pytest

from ingress import crew
from tests.ingress.cli.conftest import Cli


def test_every_option_reaches_the_settings(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Services, broker, processes, draining, reload and the log."""
    seen: list[crew.Settings] = []

    def work(settings: crew.Settings) -> int:
        seen.append(settings)
        return 0

    monkeypatch.setattr(crew, "work", work)
    words = "a:b c:d --broker amqp://h -n 2 --drain-timeout 5 --reload --log-format json"
    assert cli("worker", *words.split()).code == 0
    assert seen == [
        crew.Settings(
            services=("a:b", "c:d"),
            broker="amqp://h",
            processes=2,
            drain_timeout=5,
            reload=True,
            log_format="json",
        )
    ]


def test_a_worker_without_a_service_is_wrong_usage(cli: Cli) -> None:
    """There is nothing to do."""
    told = cli("worker")
    assert told.code == 2
    assert "Missing argument" in told.err


def test_a_worker_needs_a_broker_that_others_reach(cli: Cli) -> None:
    """On the embedded broker it would be alone for ever."""
    assert cli("worker", "a:b").code == 2


def test_a_service_that_is_not_there_is_wrong_usage(cli: Cli) -> None:
    """With a sentence instead of a traceback."""
    told = cli("worker", "nowhere_at_all:service", "--broker", "amqp://127.0.0.1:1/")
    assert told.code == 2
    assert "there is no module nowhere_at_all" in told.err
