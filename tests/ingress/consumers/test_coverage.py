"""Usage plans of the file cover routes that there are."""

import pytest

from ingress import compile as compiler
from ingress import routefile
from ingress.problems import ConfigError

TEXT = """
usage_plans:
  gold:
    routes: [{}]
routes:
  - {{route: GET /v1/orders, operation: orders.list}}
  - {{route: POST /v1/orders, operation: orders.create}}
"""


def compiled(form: str) -> None:
    compiler.compile_plans(routefile.parse(TEXT.format(form).encode(), source="g", environment={}))


@pytest.mark.parametrize("form", ["GET /v1/orders", "'GET /v1/*'", "'*'"])
def test_what_covers_a_route_is_taken(form: str) -> None:
    """Its name, or a part of it with stars."""
    compiled(form)


@pytest.mark.parametrize(
    "form, hint", [("GTE /v1/orders", "did you mean GET /v1/orders"), ("'/w/*'", "routes list")]
)
def test_what_covers_none_is_a_mistake(form: str, hint: str) -> None:
    """With its place, for whoever is on that plan would be refused everywhere."""
    with pytest.raises(ConfigError, match=r"g:4:14: .*gold.routes\[0\]: no route is called"):
        compiled(form)
    with pytest.raises(ConfigError, match=hint):
        compiled(form)
