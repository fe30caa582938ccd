"""``queuegate maintenance``; what the admin port does is in test_admin_maintenance."""

import json
from typing import Any

import pytest

from ingress.cli import maintenance
from tests.ingress.cli.conftest import Cli


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the admin port was asked; it has closed the group shop, and nothing else."""
    found: list[tuple[Any, ...]] = []

    def ask(_: str, *said: Any) -> Any:
        found.append(said)
        scope = said[2]["scope"] if len(said) > 2 else ""
        shut = {"scope": "group shop", "since": 0, "retry_after": 60.0, "detail": ""}
        return {"closed": [shut], "scope": scope, "was_closed": scope == "group shop"}

    monkeypatch.setattr(maintenance, "ask", ask)
    return found


def test_on_closes_all_unless_it_is_said(cli: Cli, asked: list[tuple[Any, ...]]) -> None:
    """A scope may be one word or several."""
    assert cli("maintenance", "on", "--detail", "moving").code == 0
    assert cli("maintenance", "on", "group", "shop", "--retry-after", "5m").code == 0
    orders = [said[2] for said in asked]
    assert orders == [
        {"scope": "all", "retry_after": "60s", "detail": "moving"},
        {"scope": "group shop", "retry_after": "5m", "detail": ""},
    ]


def test_off_fails_for_what_is_open(cli: Cli, asked: list[tuple[Any, ...]]) -> None:
    """Exit code 1, so that a script knows."""
    assert cli("maintenance", "off", "group shop").code == 0
    told = cli("maintenance", "off")
    assert (told.code, told.err) == (1, "queuegate: all was not closed\n")
    assert [said[:2] for said in asked] == [("DELETE", "/v1/maintenance")] * 2


def test_list_shows_what_is_closed(cli: Cli, asked: list[tuple[Any, ...]]) -> None:
    """For people and for scripts."""
    assert cli("maintenance", "list").out.splitlines()[1].split() == [
        *("group", "shop", "1970-01-01", "60s", "-")
    ]
    assert json.loads(cli("maintenance", "list", "--json").out)[0]["scope"] == "group shop"
    assert len(asked) == 2
