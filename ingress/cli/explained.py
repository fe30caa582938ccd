"""How an explanation looks to people."""

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from ingress.cli import screen
from ingress.explain import Explanation, Step


def show(console: Console, one: Explanation) -> None:
    """Print one explanation."""
    head = Text(one.route, style="bold cyan").append(f" -> {one.operation}", style="bold")
    console.print(head.append(f"  {one.file}:{one.line}", style="dim"))
    _heading(console, "Policies, in order")
    for number, step in enumerate(one.policies, 1):
        _step(console, f"{number}. {step.slot}", step)
    if not one.policies:
        console.print("  none: this route asks for none, and the body is carried as bytes")
    _heading(console, "Dispatch: retry( breaker( timeout( send ) ) )")
    for step in one.dispatch:
        _step(console, step.name, step, named=False)
    _heading(console, "Tried again when")
    for sentence in one.retried_when:
        console.print(f"  - {sentence}")
    if not one.retried_when:
        console.print("  never: retry is off for this route")
    _heading(console, "Goes to")
    console.print(f"  {_pairs(one.target)}")
    _heading(console, "Limits")
    console.print(f"  {_pairs(one.limits)}  (a larger body is refused before it is read)")
    _heading(console, "Settings")
    console.print()
    rows = [
        [f"  {each.name}", each.value, each.origin + (f", line {each.line}" if each.line else "")]
        for each in one.settings
    ]
    screen.table(console, ["  SETTING", "VALUE", "FROM"], rows, ["", "cyan", "dim"])


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _step(console: Console, label: str, step: Step, *, named: bool = True) -> None:
    name = f"  {step.name}" if named else ""
    settings = _pairs(step.settings) if step.settings else "off"
    console.print(Text(f"  {label}{name}", style="green").append(f"  {settings}", style="default"))
    console.print(Text(f"     {step.reason}", style="dim"))


def _pairs(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
