"""``queuegate plans``."""

import json
from pathlib import Path

import pytest

from tests.ingress.cli import shop_with_keys
from tests.ingress.cli.conftest import Cli


@pytest.fixture(autouse=True)
def _shop(cli: Cli, tmp_path: Path) -> None:
    shop_with_keys.write(tmp_path)


def test_plans_are_set_shown_and_removed(cli: Cli) -> None:
    """What is not said stays as it is."""
    assert cli("plans", "set", "gold", "--rate", "10/s", "--quota", "1000/day").code == 0
    assert cli("plans", "set", "gold", "--concurrent", "5", "--route", "GET /v1/*").code == 0
    shown = json.loads(cli("plans", "show", "gold", "--json").out)
    assert (shown["rates"], shown["quotas"]) == (["10/s"], ["1000/day"])
    assert (shown["concurrent"], shown["routes"]) == (5, ["GET /v1/*"])
    rows = [line.split() for line in cli("plans", "list").out.splitlines()]
    assert rows[1][:2] == ["free", "1/s"]
    assert rows[2] == ["gold", "10/s", "1000/day", "5", "GET", "/v1/*", "store"]
    assert cli("plans", "remove", "gold", "-y").out == "removed gold\n"
    told = cli("plans", "show", "gold")
    assert (told.code, "there is no usage plan gold" in told.err) == (1, True)


def test_a_plan_that_somebody_is_on_stays(cli: Cli) -> None:
    """It is told who."""
    cli("plans", "set", "gold")
    cli("consumers", "add", "anna", "--plan", "gold")
    told = cli("plans", "remove", "gold", "-y")
    assert (told.code, "anna would be left" in told.err) == (1, True)
