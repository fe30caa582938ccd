"""Options of the commands about consumers, keys and usage plans, and what Tab offers for them."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ingress.cli.dlq_options import duration


def _offer(what: str, field: str) -> Callable[[typer.Context, str], list[str]]:
    def offer(context: typer.Context, incomplete: str) -> list[str]:
        # Imported late, so that other commands complete quickly.
        from ingress.cli.desk import Desk  # noqa: PLC0415

        config = context.params.get("config") or os.environ.get("QUEUEGATE_CONFIG")
        with contextlib.suppress(Exception, SystemExit), open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device
            # A sentence would be typed into the user's line.
            with contextlib.redirect_stderr(nowhere):
                desk = Desk(Path(config or "gateway.yaml"), context.params.get("admin"))
                found: list[dict[str, Any]] = desk.ask("GET", f"/v1/{what}")
            names = [str(one[field]) for one in found]
            return [name for name in names if name.startswith(incomplete)]
        return []

    return offer


def _time(name: str, text: str) -> Any:  # noqa: ANN401 - what typer makes of an option
    return typer.Option(name, parser=duration, metavar="TIME", help=text)


Consumer = Annotated[
    str,
    typer.Argument(help="The consumer's name.", autocompletion=_offer("consumers", "name")),
]
OfConsumer = Annotated[
    str,
    typer.Option(
        "--consumer", help="Only this consumer's.", autocompletion=_offer("consumers", "name")
    ),
]
KeyId = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The key's id: `keys list`.", autocompletion=_offer("keys", "id")
    ),
]
PlanName = Annotated[
    str,
    typer.Argument(help="The usage plan's name.", autocompletion=_offer("usage-plans", "name")),
]
Groups = Annotated[
    list[str] | None, typer.Option("--group", help="A group; may be repeated. '' for none.")
]
Scopes = Annotated[
    list[str] | None, typer.Option("--scope", help="A scope; may be repeated. '' for none.")
]
Roles = Annotated[
    list[str] | None, typer.Option("--role", help="A role; may be repeated. '' for none.")
]
OnPlan = Annotated[
    str | None,
    typer.Option(
        "--plan",
        help="The usage plan that it is on; '' for none.",
        autocompletion=_offer("usage-plans", "name"),
    ),
]
Description = Annotated[str | None, typer.Option(help="For people.")]
Disabled = Annotated[
    bool | None, typer.Option("--disable/--enable", help="Refuse all that is shown for it.")
]
Password = Annotated[
    bool,
    typer.Option("--password", help="Ask for a password; in a script read a line of stdin."),
]
Label = Annotated[str, typer.Option(help="What the key is for: ci, phone.")]
ExpiresIn = Annotated[float | None, _time("--expires-in", "How long it is good for: 90d.")]
Overlap = Annotated[float | None, _time("--overlap", "How long both are good for: 24h.")]
Rates = Annotated[
    list[str] | None, typer.Option("--rate", help="10/s; may be repeated. '' for none.")
]
Quotas = Annotated[
    list[str] | None, typer.Option("--quota", help="1000/day; may be repeated. '' for none.")
]
Concurrent = Annotated[int | None, typer.Option(min=0, help="Calls at a time; 0 for any number.")]
Routes = Annotated[
    list[str] | None,
    typer.Option("--route", help="\"GET /v1/*\"; may be repeated. '' for all."),
]
Admin = Annotated[
    str | None,
    typer.Option(
        "--admin",
        metavar="URL",
        envvar="QUEUEGATE_ADMIN",
        help="By this admin port, http://127.0.0.1:8001, instead of the store itself.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
