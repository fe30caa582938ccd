"""``queuegate describe``."""

import json
from pathlib import Path

from tests.ingress.cli.conftest import Cli

ORDERS = "workers.samples.orders:service"


def test_a_service_is_described(cli: Cli, tmp_path: Path) -> None:
    """On stdout, or into a file that routes check takes."""
    told = cli("describe", ORDERS)
    assert told.code == 0
    assert json.loads(told.out)["service"] == "orders"
    assert cli("describe", ORDERS, "-w", "orders.json").code == 0
    assert (tmp_path / "orders.json").read_text() == told.out


def test_a_gateway_checks_by_the_file(cli: Cli, tmp_path: Path) -> None:
    """Without the code; and routes check says when the two have drifted apart."""
    cli("describe", ORDERS, "-w", "orders.json")
    (tmp_path / "gateway.yaml").write_text(
        f"services: {{orders: {{contract: orders.json, module: '{ORDERS}'}}}}\n"
        "routes: [{route: POST /v1/orders, operation: orders.create, validate: {}}]\n"
    )
    assert cli("routes", "check").code == 0
    text = (tmp_path / "orders.json").read_text()
    (tmp_path / "orders.json").write_text(text.replace("Place an order", "Make an order"))
    assert cli("routes", "check", "--no-code").code == 0
    told = cli("routes", "check")
    assert told.code == 2
    assert "orders.json is not what the code says now" in told.err


def test_what_is_not_there_is_told(cli: Cli) -> None:
    """Exit 1, and 2 for what can be no service."""
    assert cli("describe", "nowhere_at_all:service").code == 1
    assert cli("describe", "workers.samples.orders:nothing").code == 1
    assert cli("describe", "workers").code == 2
    assert cli("describe", ORDERS, "-w", "no/such/folder/file").code == 1
