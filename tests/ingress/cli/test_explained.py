"""How an explanation looks."""

import io

from rich.console import Console

from ingress import explain, routefile
from ingress.cli import explained
from ingress.compile import compile_plans

TEXT = """\
routes:
  - route: POST /v1/orders
    operation: orders.create
    max_body: 64KiB
    breaker: off
  - {route: GET /v1/orders, operation: orders.list, retry: off}
"""


def shown(index: int) -> str:
    file = routefile.parse(TEXT.encode(), source="g.yaml", environment={})
    out = io.StringIO()
    console = Console(file=out, highlight=False, markup=False, soft_wrap=True)
    explained.show(console, explain.explain(file, compile_plans(file), index))
    return out.getvalue()


def test_it_reads_from_top_to_bottom() -> None:
    """Route, policies, dispatch, retries, target, limits, settings."""
    text = shown(0)
    headings = [line for line in text.splitlines() if line and not line.startswith(" ")]
    assert headings == [
        "POST /v1/orders -> orders.create  g.yaml:2",
        "Policies, in order",
        "Dispatch: retry( breaker( timeout( send ) ) )",
        "Tried again when",
        "Goes to",
        "Limits",
        "Settings",
    ]


def test_every_box_has_its_settings_and_its_reason() -> None:
    """The number, the slot, the name; below it why it stands there."""
    text = shown(0)
    assert "  1. EDGE  size  max_body 64KiB\n     first: cheap refusals" in text
    assert "  breaker  off\n     between them" in text
    assert "  timeout  timeout 5s\n     innermost" in text
    assert "  operation orders.create, queue orders, dialect queuegate\n" in text


def test_what_is_not_there_is_said() -> None:
    """No policies and no retries are facts too."""
    text = shown(1)
    assert "  none: this route asks for none" in text
    assert "  never: retry is off for this route" in text


def test_settings_say_where_they_come_from() -> None:
    """In a table, with the line."""
    lines = shown(0).splitlines()
    assert any(line.split() == ["max_body", "64KiB", "route,", "line", "4"] for line in lines)
    assert any(line.split() == ["timeout", "5s", "built", "in"] for line in lines)
