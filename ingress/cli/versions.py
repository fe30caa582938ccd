"""``queuegate versions``: which versions there are, when they end, and who still uses them."""

from pathlib import Path
from typing import Any

import typer

from ingress.cli import log_options as its
from ingress.cli import options

app = typer.Typer(
    help="The versions of the API: when they end, and who still uses them.",
    no_args_is_help=True,
)

_DEFAULT = Path("gateway.yaml")
_MS = 1000


@app.command("list")
def list_versions(*, config: options.Config = _DEFAULT, as_json: options.Json = False) -> None:
    """List the versions: their state, their dates, and how many routes each has."""
    # Imported late here and below, so that --help is quick.
    from ingress import routefile  # noqa: PLC0415
    from ingress.cli import screen  # noqa: PLC0415
    from ingress.versions import listing  # noqa: PLC0415

    rows = listing.of(routefile.load(config))
    if as_json:
        screen.as_json(rows)
    elif rows:
        headings = [name.upper() for name in rows[0]]
        screen.table(screen.out(), headings, [list(row.values()) for row in rows], ["cyan"])
    else:
        typer.echo(f"queuegate: {config} declares no versions", err=True)


@app.command()
@its.filtered
def usage(
    *,
    wanted: its.Wanted,
    journal: its.Journal = None,
    config: options.Config = _DEFAULT,
    broker: options.BrokerUrl = None,
    as_json: options.Json = False,
) -> None:
    """Tell from the journal who used which version, how often, and when last.

    A version that nobody is listed for can be removed. The same, since the gateway's start, is in
    the metric queuegate_version_requests_total.
    """
    from ingress import routefile  # noqa: PLC0415
    from ingress.cli import screen  # noqa: PLC0415
    from ingress.compile import compile_plans  # noqa: PLC0415
    from ingress.plan import every  # noqa: PLC0415
    from ingress.versions.moment import write  # noqa: PLC0415
    from ingress.versions.usage import tally  # noqa: PLC0415

    plans = every(compile_plans(routefile.load(config)))
    versions = {plan.name: plan.version for plan in plans if plan.version}
    with its.opened(journal, config, broker) as reader:
        uses = tally(reader.find(wanted), versions)
    if as_json:
        screen.as_json(uses)
    elif uses:
        rows = [_row(use, write(use.last // _MS)) for use in uses]
        headings = ["VERSION", "CALLER", "REQUESTS", "GONE", "LAST"]
        screen.table(screen.out(), headings, rows, ["cyan"])
    else:
        typer.echo("queuegate: no record is of a version", err=True)


def _row(use: Any, last: str) -> list[str]:  # noqa: ANN401 - a Use, imported late
    return [use.version, use.caller or "-", str(use.requests), str(use.gone), last]
