"""``queuegate routes``."""

import json
from pathlib import Path

import pytest

from ingress import schema
from tests.ingress.cli.conftest import Cli

BAD = "routes:\n  - {route: GET /a, operation: s.o, tiemout: 5s}\n  - {route: GET /a}\n"


@pytest.fixture
def bad(tmp_path: Path) -> str:
    """The name of a file with three problems."""
    (tmp_path / "bad.yaml").write_text(BAD)
    return "bad.yaml"


def test_check_says_that_all_is_right(cli: Cli) -> None:
    """With exit code 0 and the number of routes; a module that is not here is named."""
    note = "not held against its code: there is no nowhere.shop:service here\n"
    assert cli("routes", "check") == (0, "gateway.yaml: 2 routes, all right\n", note)
    assert cli("routes", "check", "--no-code").err == ""


def test_check_tells_all_problems_on_stderr(cli: Cli, bad: str) -> None:
    """With exit code 2; in a pipe each is one plain line."""
    told = cli("routes", "check", "-c", bad)
    assert (told.code, told.out) == (2, "")
    assert told.err.splitlines() == [
        "bad.yaml:2:37: routes[0].tiemout: no such key (did you mean timeout?)",
        "bad.yaml:3:5: routes[1]: the key 'operation' is missing",
        (
            "bad.yaml:3:13: routes[1].route: GET /a is declared twice, first in line 2"
            " (keep one of the two)"
        ),
    ]


def test_check_tells_scripts_in_json(cli: Cli, bad: str) -> None:
    """On stdout, with the same exit code."""
    told = cli("routes", "check", "--json", "-c", bad)
    document = json.loads(told.out)
    assert (told.code, told.err, document["ok"]) == (2, "", False)
    assert document["problems"][0]["line"] == 2
    assert document["problems"][0]["hint"] == "did you mean timeout?"
    assert json.loads(cli("routes", "check", "--json").out)["ok"] is True


def test_check_holds_routes_against_the_code(cli: Cli, tmp_path: Path) -> None:
    """Unless told not to; a module that is not here is passed over."""
    (tmp_path / "shop_code.py").write_text(
        "from contracts.operation import Operation\n"
        "class S: operations = [Operation(name='shop.create')]\nservice = S()\n"
    )
    text = (tmp_path / "gateway.yaml").read_text().replace("nowhere.shop", "shop_code")
    (tmp_path / "gateway.yaml").write_text(text)
    told = cli("routes", "check")
    assert told.code == 2
    assert "the code of shop has no operation 'shop.list'" in told.err
    assert cli("routes", "check", "--no-code").code == 0


def test_list_is_a_table(cli: Cli) -> None:
    """One line a route, never wrapped, without trailing spaces."""
    assert cli("routes", "list").out.splitlines() == [
        "ROUTE            OPERATION    TARGET  DIALECT    TIMEOUT  ATTEMPTS  BREAKER  POLICIES",
        "GET /v1/orders   shop.list    shop    queuegate  5s       3         on       -",
        "POST /v1/orders  shop.create  shop    queuegate  2s       3         on       media",
    ]


def test_list_is_json_for_scripts(cli: Cli) -> None:
    """With the same columns as keys."""
    first, _ = json.loads(cli("routes", "list", "--json").out)
    assert (first["route"], first["target"], first["policies"]) == ("GET /v1/orders", "shop", "-")


@pytest.mark.parametrize("words", [["POST /v1/orders"], ["POST", "/v1/orders"], ["shop.create"]])
def test_explain_takes_a_route_however_it_is_at_hand(cli: Cli, words: list[str]) -> None:
    """As one word or two, or by its operation."""
    told = cli("routes", "explain", *words)
    assert told.code == 0
    assert told.out.startswith("POST /v1/orders -> shop.create  gateway.yaml:5\n")


def test_explain_tells_every_route_that_fits(cli: Cli) -> None:
    """A path without a method may be several routes."""
    explained = json.loads(cli("routes", "explain", "/v1/orders", "--json").out)
    assert [one["route"] for one in explained] == ["GET /v1/orders", "POST /v1/orders"]


def test_explain_suggests_what_may_have_been_meant(cli: Cli) -> None:
    """An unknown route is exit code 1."""
    told = cli("routes", "explain", "shop.creat")
    assert (told.code, told.out) == (1, "")
    assert "did you mean shop.create?" in told.err
    assert "routes list" in cli("routes", "explain", "DELETE /").err


def test_schema_prints_the_schema_or_writes_it(cli: Cli, tmp_path: Path) -> None:
    """For editors; the same text either way."""
    told = cli("routes", "schema")
    assert json.loads(told.out) == schema.build()
    assert cli("routes", "schema", "--write", "s.json") == (0, "", "")
    assert (tmp_path / "s.json").read_text() == told.out
    refused = cli("routes", "schema", "--write", "no/s.json")
    assert refused.code == 1
    assert refused.err == "queuegate: cannot write no/s.json: No such file or directory\n"
