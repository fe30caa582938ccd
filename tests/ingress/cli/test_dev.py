"""``queuegate dev``: its options become settings."""

import pytest

from ingress import development
from ingress.gateway import Settings
from tests.ingress.cli.conftest import Cli


@pytest.mark.parametrize("word, reload", [("--reload", True), ("--no-reload", False), ("", True)])
def test_it_reloads_unless_told_not_to(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    word: str,
    reload: bool,  # noqa: FBT001 - the table of a test
) -> None:
    """What is developed changes."""
    seen = []

    def develop(settings: Settings, *, reload: bool) -> int:
        seen.append((settings.port, reload))
        return 0

    monkeypatch.setattr(development, "develop", develop)
    assert cli("dev", "--port", "7", *filter(None, [word])).code == 0
    assert seen == [(7, reload)]


def test_its_exit_code_is_that_of_the_gateway(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends badly is told to the shell."""
    monkeypatch.setattr(development, "develop", lambda *_, **__: 1)
    assert cli("dev").code == 1
