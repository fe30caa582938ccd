"""``queuegate replay``: recorded calls sent again, and their answers compared."""

from pathlib import Path
from typing import Annotated

import typer

from ingress.cli import log_options, options
from ingress.cli import replay_options as its

app = typer.Typer(
    help="Recorded calls: send them again, somewhere, and compare the answers.",
    no_args_is_help=True,
)

_DEFAULT = Path("gateway.yaml")


def _run_names(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the runs that there are; whatever goes wrong, none."""
    from ingress.cli.replay_place import Place  # noqa: PLC0415

    given = context.params
    try:
        with Place(given.get("config") or _DEFAULT, runs=given.get("runs")).runs() as file:
            names = [one.run for one in file.list()]
    except Exception:  # noqa: BLE001 - a shell would type it into the user's line
        return []
    return [name for name in names if name.startswith(incomplete)]


RunName = Annotated[str, typer.Argument(help="The run.", autocompletion=_run_names)]


@app.command("run")
@log_options.filtered
def run_(  # noqa: PLR0913 - one parameter an option, here and below
    *,
    wanted: log_options.Wanted,
    from_: its.From = "journal",
    journal: log_options.Journal = None,
    letters: its.DeadLetters = "",
    limit: its.Limit = None,
    to: its.To = "",
    direct: its.Direct = False,
    queue: its.Queue = "",
    exchange: its.Exchange = "",
    routing_key: its.RoutingKey = "",
    timeout: its.Timeout = None,
    speed: its.Speed = None,
    rate: its.Rate = None,
    concurrency: its.Concurrency = 16,
    key: its.Key = "",
    unsafe: its.Unsafe = False,
    allow: its.Allow = None,
    set_header: its.SetHeader = None,
    again: its.Again = False,
    skip_replayed: its.Skip = False,
    compare: its.Compare = False,
    ignore: its.Ignore = None,
    ignore_header: its.IgnoreHeader = None,
    unordered: its.Unordered = None,
    tolerance: its.Tolerance = None,
    html: its.Html = None,
    name: its.Name = "",
    dry_run: its.DryRun = False,
    runs: its.RunsFile = None,
    config: options.Config = _DEFAULT,
    broker: options.BrokerUrl = None,
    as_json: options.Json = False,
) -> None:
    """Send recorded calls again: to a gateway, a URL, or straight to a queue.

    Safe by default: what changes something needs --unsafe or its idempotency key, what was not
    recorded whole needs --allow, and nothing is sent to one target twice. Begin with --dry-run.
    Ctrl-C stops it, and `resume` goes on where it was.
    """
    # Imported late here and below, so that --help is quick.
    from ingress.cli import compared  # noqa: PLC0415
    from ingress.cli.playing import Playing, Wish  # noqa: PLC0415
    from ingress.cli.replay_place import Place  # noqa: PLC0415
    from ingress.replay.order import Order  # noqa: PLC0415

    rules = compared.rules_of(ignore, ignore_header, unordered, tolerance)
    order = Order(
        source=its.source(from_, letters),
        wanted=wanted,
        limit=limit,
        to=to,
        direct=direct,
        queue=queue,
        exchange=exchange,
        routing_key=routing_key,
        timeout=timeout,
        speed=speed,
        rate=rate,
        concurrency=concurrency,
        key=key,
        allow=its.allowed(allow, unsafe=unsafe),
        skip=skip_replayed,
    )
    wish = Wish(
        supplied=tuple(set_header or ()),
        again=again,
        dry_run=dry_run,
        as_json=as_json,
        compare=rules if compare or html else None,
        html=html,
    )
    place = Place(config, journal=journal, runs=runs, broker=broker)
    with place.runs() as file:
        raise typer.Exit(Playing(place, file, wish).begin(order, its.run_name(name)))


@app.command()
def resume(  # noqa: PLR0913 - as above
    run: RunName,
    *,
    retry_unknown: its.RetryUnknown = False,
    set_header: its.SetHeader = None,
    compare: its.Compare = False,
    ignore: its.Ignore = None,
    ignore_header: its.IgnoreHeader = None,
    unordered: its.Unordered = None,
    tolerance: its.Tolerance = None,
    html: its.Html = None,
    journal: log_options.Journal = None,
    runs: its.RunsFile = None,
    config: options.Config = _DEFAULT,
    broker: options.BrokerUrl = None,
    as_json: options.Json = False,
) -> None:
    """Go on with a run that was stopped or killed, with the words that it was begun with.

    What was answered is not sent again. What changes something and was begun without an answer may
    have run: it is told, and sent again only with --retry-unknown.
    """
    from ingress.cli import compared  # noqa: PLC0415
    from ingress.cli.playing import Playing, Wish  # noqa: PLC0415
    from ingress.cli.replay_place import Place  # noqa: PLC0415

    rules = compared.rules_of(ignore, ignore_header, unordered, tolerance)
    wish = Wish(
        supplied=tuple(set_header or ()),
        retry_unknown=retry_unknown,
        as_json=as_json,
        compare=rules if compare or html else None,
        html=html,
    )
    place = Place(config, journal=journal, runs=runs, broker=broker)
    with place.runs() as file:
        raise typer.Exit(Playing(place, file, wish).resume(run))


@app.command("list")
def list_runs(
    *,
    runs: its.RunsFile = None,
    journal: log_options.Journal = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """List the runs, the newest first."""
    from ingress.cli import played, screen  # noqa: PLC0415
    from ingress.cli.replay_place import Place  # noqa: PLC0415

    with Place(config, journal=journal, runs=runs).runs() as file:
        found = [(one, played.summed(file, one.run)) for one in file.list()]
    if as_json:
        screen.as_json([played.document(*one) for one in found])
    elif not found:
        typer.echo("no run yet: queuegate replay run --dry-run")
    else:
        played.runs(screen.out(), found)


@app.command()
def show(
    run: RunName,
    *,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only those without an answer, or with a 5xx.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    runs: its.RunsFile = None,
    journal: log_options.Journal = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Show the calls of a run: the original, the new one, and how it ended."""
    from itertools import islice  # noqa: PLC0415

    from ingress.cli import played, screen  # noqa: PLC0415
    from ingress.cli.replay_place import Place  # noqa: PLC0415

    with Place(config, journal=journal, runs=runs).runs() as file:
        one = file.get(run)
        calls = (send for send in file.sends(run) if not failed or played.has_failed(send))
        found = list(islice(calls, limit))
        states = played.summed(file, run)
    if as_json:
        told = [played.call_document(send) for send in found]
        screen.as_json({**played.document(one, states), "calls": told})
        return
    played.runs(screen.out(), [(one, states)])
    if found:
        played.sends(screen.out(), found)


@app.command()
def compare(  # noqa: PLR0913 - as above
    left: Annotated[
        str,
        typer.Argument(help="A run; alone, with what was recorded.", autocompletion=_run_names),
    ],
    right: Annotated[
        str, typer.Argument(help="Another run over the same records.", autocompletion=_run_names)
    ] = "",
    *,
    noise: Annotated[
        str,
        typer.Option(
            help="A second run against the version of LEFT: what the two differ in is left out.",
            autocompletion=_run_names,
        ),
    ] = "",
    ignore: its.Ignore = None,
    ignore_header: its.IgnoreHeader = None,
    unordered: its.Unordered = None,
    tolerance: its.Tolerance = None,
    html: its.Html = None,
    runs: its.RunsFile = None,
    journal: log_options.Journal = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Compare the answers of two runs, or of one with those that were recorded.

    Exits with 1 when they differ.
    """
    from ingress.cli import compared, screen  # noqa: PLC0415
    from ingress.cli.replay_place import Place  # noqa: PLC0415
    from ingress.compare.report import document  # noqa: PLC0415
    from ingress.replay import pairs  # noqa: PLC0415

    rules = compared.rules_of(ignore, ignore_header, unordered, tolerance)
    with Place(config, journal=journal, runs=runs).runs() as file:
        report = (
            pairs.of_runs(file, left, right, rules, noise=noise)
            if right
            else pairs.with_recorded(file, left, rules, noise=noise)
        )
    if as_json:
        screen.as_json(document(report))
    else:
        compared.told(screen.out(), report)
    compared.write_page(report, html)
    raise typer.Exit(compared.exit_code(report))


@app.command()
def forget(
    run: RunName,
    *,
    runs: its.RunsFile = None,
    journal: log_options.Journal = None,
    config: options.Config = _DEFAULT,
) -> None:
    """Delete what is remembered of a run, its answers too."""
    from ingress.cli.replay_place import Place  # noqa: PLC0415

    with Place(config, journal=journal, runs=runs).runs() as file:
        file.get(run)
        file.forget(run)
    typer.echo(f"forgot {run}")
