"""``queuegate log``: what the journal has, found, shown, summed up and exported."""

import sys
import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ingress.cli import log_options as its
from ingress.cli import options

app = typer.Typer(
    help="The request journal: find, show, sum up and export what was asked and answered.",
    no_args_is_help=True,
)

_DEFAULT: Final = Path("gateway.yaml")
_URL: Final = "http://127.0.0.1:8000"
# Seconds between two looks at what is new.
_PAUSE: Final = 0.2


@app.command("list")
@its.filtered
def list_records(
    *,
    wanted: its.Wanted,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 50,
    oldest: Annotated[bool, typer.Option("--oldest", help="The oldest first.")] = False,
    after: Annotated[
        str, typer.Option(help="Go on behind this cursor, which the page before ended with.")
    ] = "",
    journal: its.Journal = None,
    config: options.Config = _DEFAULT,
    broker: options.BrokerUrl = None,
    as_json: options.Json = False,
) -> None:
    """List requests, the newest first; with --json one object a line."""
    # Imported late here and below, so that --help is quick.
    from ingress.cli import logged, screen  # noqa: PLC0415

    with its.opened(journal, config, broker) as reader:
        found = reader.find(wanted, limit=limit, after=after, oldest=oldest)
        if as_json:
            for record in found:
                _print_json(record)
            return
        records = list(found)
    if records:
        logged.table(screen.out(), records)
    if len(records) == limit:
        typer.echo(f"more: --after {records[-1].place}, or --limit", err=True)
    elif not records:
        typer.echo("queuegate: no record fits", err=True)


@app.command()
def show(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Request ids.")],
    *,
    curl: Annotated[
        bool, typer.Option("--curl", help="Print a line for the shell that asks the same again.")
    ] = False,
    url: its.Url = _URL,
    body: Annotated[int, typer.Option(min=1, help="Characters of a body that are shown.")] = 2000,
    journal: its.Journal = None,
    config: options.Config = _DEFAULT,
    broker: options.BrokerUrl = None,
    as_json: options.Json = False,
) -> None:
    """Show all that there is to say of a request: times, headers, bodies. Exits 1 for none."""
    from ingress.cli import logged, screen  # noqa: PLC0415
    from ingress.journal import curl as curling  # noqa: PLC0415

    with its.opened(journal, config, broker) as reader:
        every = [(one, reader.get(one)) for one in ids]
    for one, records in every:
        if not records:
            typer.echo(f"queuegate: no record has the id {one}", err=True)
            raise typer.Exit(1)
        for record in records:
            if as_json:
                _print_json(record)
            elif curl:
                for warning in curling.warnings(record):
                    typer.echo(f"queuegate: {warning}", err=True)
                typer.echo(curling.line(record, url))
            else:
                logged.details(screen.out(), record, body)


@app.command()
@its.filtered
def tail(
    *,
    wanted: its.Wanted,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on, with what comes, until Ctrl-C.")
    ] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, help="How many to begin with.")
    ] = 10,
    journal: its.Journal = None,
    config: options.Config = _DEFAULT,
    broker: options.BrokerUrl = None,
    as_json: options.Json = False,
) -> None:
    """Print the last requests, and with -f those that come, as they are written down."""
    from ingress.cli import logged, screen  # noqa: PLC0415

    console = screen.out()
    with its.opened(journal, config, broker) as reader:
        mark = reader.mark()
        records = list(reader.find(wanted, limit=lines))[::-1]
        while True:
            for record in records:
                if as_json:
                    _print_json(record)
                else:
                    logged.line(console, record)
            sys.stdout.flush()
            if not follow:
                return
            before = mark
            records, mark = reader.news(mark, wanted)
            if mark == before:
                time.sleep(_PAUSE)


@app.command()
@its.filtered
def stats(
    *,
    wanted: its.Wanted,
    journal: its.Journal = None,
    config: options.Config = _DEFAULT,
    broker: options.BrokerUrl = None,
    as_json: options.Json = False,
) -> None:
    """Sum up each route: calls, errors, percentiles of their times, and why they failed."""
    from ingress.cli import logged, screen  # noqa: PLC0415

    with its.opened(journal, config, broker) as reader:
        sums = reader.stats(wanted)
    if as_json:
        screen.as_json({"routes": sums})
    elif sums:
        logged.stats(screen.out(), sums)
    else:
        typer.echo("queuegate: no record fits", err=True)


@app.command()
@its.filtered
def export(
    *,
    wanted: its.Wanted,
    har: Annotated[bool, typer.Option("--har", help="As HAR 1.2 instead of JSON lines.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="This file instead of stdout.")
    ] = None,
    url: its.Url = _URL,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, help="At most so many.")
    ] = None,
    journal: its.Journal = None,
    config: options.Config = _DEFAULT,
    broker: options.BrokerUrl = None,
) -> None:
    """Write requests out, the oldest first, for other tools: JSON lines, or HAR."""
    from ingress.cli import exporting  # noqa: PLC0415

    with its.opened(journal, config, broker) as reader:
        records = reader.find(wanted, limit=limit, oldest=True)
        count = exporting.export(records, har=har, base=url, file=output)
    typer.echo(f"exported {count} records" + (f" to {output}" if output else ""), err=True)


def _print_json(record: Any) -> None:  # noqa: ANN401 - a Record, imported late
    from ingress.cli import exporting  # noqa: PLC0415 - as above

    sys.stdout.buffer.write(exporting.as_line(record))
