"""``queuegate keys``: API keys of consumers, issued, rotated and revoked."""

from pathlib import Path
from typing import Final

import typer

from ingress.cli import consumer_options as its
from ingress.cli import options

app = typer.Typer(
    help="API keys of consumers: list, issue, rotate with an overlap, revoke.",
    no_args_is_help=True,
)

_DEFAULT: Final = Path("gateway.yaml")


@app.command("list")
def list_keys(
    *,
    consumer: its.OfConsumer = "",
    admin: its.Admin = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """List keys: whose, until when, and when they were last used. Never the keys themselves."""
    # Imported late here and below, so that --help is quick.
    from urllib.parse import quote  # noqa: PLC0415

    from ingress.cli import desk, known  # noqa: PLC0415

    asked = desk.path("keys") + (f"?consumer={quote(consumer)}" if consumer else "")
    known.keys(desk.Desk(config, admin).ask("GET", asked), as_json=as_json)


@app.command()
def issue(
    consumer: its.Consumer,
    *,
    label: its.Label = "",
    expires_in: its.ExpiresIn = None,
    admin: its.Admin = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Issue a key. It is printed now, and can never be shown again."""
    from ingress.cli import desk, known  # noqa: PLC0415

    order = known.order(consumer=consumer, label=label or None, expires_in=expires_in)
    made = desk.Desk(config, admin).ask("POST", desk.path("keys"), order)
    known.issued(made, as_json=as_json)


@app.command()
def rotate(
    name: its.KeyId,
    *,
    overlap: its.Overlap = None,
    expires_in: its.ExpiresIn = None,
    admin: its.Admin = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Issue a key in the place of another, which is good for a day more, or for --overlap."""
    from ingress.cli import desk, known  # noqa: PLC0415

    order = known.order(overlap=overlap, expires_in=expires_in)
    made = desk.Desk(config, admin).ask("POST", desk.path("keys", name, "rotate"), order)
    known.issued(made, as_json=as_json)


@app.command()
def revoke(
    name: its.KeyId,
    *,
    yes: its.Yes = False,
    admin: its.Admin = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Revoke a key: gateways refuse it within seconds. Asks first, unless --yes."""
    from ingress.cli import desk, known  # noqa: PLC0415

    known.sure(f"Revoke {name}?", yes=yes)
    answer = desk.Desk(config, admin).ask("DELETE", desk.path("keys", name))
    known.done(f"revoked {name}", answer, as_json=as_json)
