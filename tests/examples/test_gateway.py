from pathlib import Path

import yaml

from workers.loading import load

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_every_route_of_the_example_leads_to_an_operation() -> None:
    """The operations in the example's route file are offered by the example's service."""
    document = yaml.safe_load((EXAMPLES / "gateway.yaml").read_text())
    offered = set(load("shop:shop", EXAMPLES).endpoints) | {"thumbnails.make"}
    assert {route["operation"] for route in document["routes"]} == offered
