"""The options that say which dead letters are meant, and what is to be done with them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ingress import units


def duration(text: str) -> float:
    """Read an age or a time with its unit."""
    try:
        return units.duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _time(name: str, text: str) -> Any:  # noqa: ANN401 - what typer makes of an option
    return typer.Option(name, parser=duration, metavar="TIME", help=text)


Queue = Annotated[
    str,
    typer.Argument(help="The service's queue, or its dead-letter queue: orders, orders.dead."),
]
Exact = Annotated[
    bool, typer.Option("--exact", help="Take QUEUE as it stands, without adding .dead to it.")
]
Ids = Annotated[
    list[str] | None, typer.Option("--id", help="Only this request id; may be repeated.")
]
Reason = Annotated[str, typer.Option(help="Only with this reason: delivery_limit, expired, ...")]
Operation = Annotated[str, typer.Option(help="Only of this operation: orders.create.")]
Route = Annotated[str, typer.Option(help='Only of this route: "POST /v1/orders".')]
Newer = Annotated[float | None, _time("--newer", "Only those that died less than this ago: 15m.")]
Older = Annotated[float | None, _time("--older", "Only those that died longer ago than this: 2h.")]
Headers = Annotated[
    list[str] | None,
    typer.Option("--header", metavar="NAME=VALUE", help="Only with this AMQP header."),
]
Limit = Annotated[int | None, typer.Option(min=1, help="At most so many letters.")]
All = Annotated[bool, typer.Option("--all", help="Every letter: needed when there is no filter.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say how many it would be; do nothing.")]
Rate = Annotated[float | None, typer.Option(min=0.001, help="At most so many letters a second.")]
AuditFile = Annotated[
    Path | None,
    typer.Option("--audit", dir_okay=False, help="Append who did what to this file, as JSON."),
]
To = Annotated[str, typer.Option(help="Another queue than the one that each letter came from.")]
Timeout = Annotated[
    float | None,
    _time("--timeout", "A new deadline, from now; without one a message may wait for ever."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
