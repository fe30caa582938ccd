"""``queuegate dlq``: dead letters counted, looked at, sent again or dropped."""

from pathlib import Path
from typing import Annotated

import typer

from ingress.cli import dlq_options as its
from ingress.cli import options

app = typer.Typer(
    help="Dead letters, what could not be dealt with: count them, look, send again, drop.",
    no_args_is_help=True,
)

_DEFAULT = Path("gateway.yaml")


@app.command("list")
def list_queues(
    *,
    queue: Annotated[
        list[str] | None,
        typer.Option("--queue", help="This queue instead of those of the route file's services."),
    ] = None,
    exact: its.Exact = False,
    config: options.Config = _DEFAULT,
    broker: options.BrokerUrl = None,
    as_json: options.Json = False,
) -> None:
    """Count the dead letters of the route file's services: how many, why, and how old."""
    # Imported late here and below, so that --help is quick.
    from contracts.brokers.port import Broker  # noqa: PLC0415
    from ingress import dlq  # noqa: PLC0415
    from ingress.cli import client, lettered, screen  # noqa: PLC0415
    from ingress.compile import compile_plans  # noqa: PLC0415

    route_file = client.read_routes(config, needed=not queue)
    names = [name if exact else dlq.queue_of(name) for name in queue or ()]
    if not names and route_file is not None:
        names = dlq.queues_of(compile_plans(route_file))

    async def act(to: Broker) -> list[tuple[str, dlq.Survey | None]]:
        return [(name, await dlq.survey(to, name)) for name in names]

    found = client.run(client.broker_of(broker, route_file), act)
    if as_json:
        screen.as_json([one for _, one in found if one is not None])
    else:
        lettered.surveys(screen.out(), found)
    if missing := [name for name, one in found if queue and one is None]:
        typer.echo(f"queuegate: there is no queue {', '.join(missing)}", err=True)
        raise typer.Exit(1)


@app.command()
def show(  # noqa: PLR0913 - one parameter an option, here and below
    queue: its.Queue,
    *,
    ids: its.Ids = None,
    reason: its.Reason = "",
    operation: its.Operation = "",
    route: its.Route = "",
    newer: its.Newer = None,
    older: its.Older = None,
    header: its.Headers = None,
    limit: its.Limit = 50,
    body: Annotated[int, typer.Option(min=1, help="Characters of a body that are shown.")] = 200,
    exact: its.Exact = False,
    config: options.Config = _DEFAULT,
    broker: options.BrokerUrl = None,
    as_json: options.Json = False,
) -> None:
    """Show dead letters, the oldest first; with --id all that there is to say of one."""
    from contracts.brokers.port import Broker  # noqa: PLC0415
    from contracts.dead_letter import Letter  # noqa: PLC0415
    from ingress import dlq  # noqa: PLC0415
    from ingress.cli import client, lettered, ordering, screen  # noqa: PLC0415
    from ingress.letters import document  # noqa: PLC0415

    wanted = ordering.filter_of(
        header, ids, reason=reason, operation=operation, route=route, newer=newer, older=older
    )
    name = queue if exact else dlq.queue_of(queue)

    async def act(to: Broker) -> list[Letter]:
        return await dlq.look(to, name, wanted, limit=limit or 1)

    route_file = client.read_routes(config, needed=False) if not broker else None
    letters = client.run(client.broker_of(broker, route_file), act)
    if as_json:
        screen.as_json([document(letter, body) for letter in letters])
    elif not letters:
        typer.echo(f"no dead letters in {name}" + (f" fit {wanted}" if wanted.selects else ""))
    elif ids:
        for letter in letters:
            lettered.details(screen.out(), letter, body)
    else:
        lettered.table(screen.out(), letters)


@app.command()
def requeue(  # noqa: PLR0913 - as above
    queue: its.Queue,
    *,
    ids: its.Ids = None,
    reason: its.Reason = "",
    operation: its.Operation = "",
    route: its.Route = "",
    newer: its.Newer = None,
    older: its.Older = None,
    header: its.Headers = None,
    every: its.All = False,
    to: its.To = "",
    timeout: its.Timeout = None,
    rate: its.Rate = None,
    limit: its.Limit = None,
    dry_run: its.DryRun = False,
    audit: its.AuditFile = None,
    exact: its.Exact = False,
    config: options.Config = _DEFAULT,
    broker: options.BrokerUrl = None,
    as_json: options.Json = False,
) -> None:
    """Send dead letters again: to the queue that each came from, or to another.

    A letter leaves its queue when the broker has confirmed its copy, so none is ever lost; if this
    command is killed in between, one is there twice.
    """
    from contracts.brokers.port import Broker  # noqa: PLC0415
    from ingress import dlq  # noqa: PLC0415
    from ingress.cli import client, ordering  # noqa: PLC0415

    wanted = ordering.filter_of(
        header, ids, reason=reason, operation=operation, route=route, newer=newer, older=older
    )
    name = queue if exact else dlq.queue_of(queue)
    order = dlq.Order(
        filter=wanted, to=to, timeout=timeout, rate=rate, limit=limit, dry_run=dry_run
    )
    ordering.check(order, name, every=every)
    route_file = client.read_routes(config, needed=False) if not broker else None
    url = client.broker_of(broker, route_file)
    work = ordering.Ordering("requeue", "requeued", dlq.requeue, audit)

    async def act(at: Broker) -> int:
        return await work.run(at, name, order, as_json=as_json)

    raise typer.Exit(client.run(url, act))


@app.command()
def drop(  # noqa: PLR0913 - as above
    queue: its.Queue,
    *,
    ids: its.Ids = None,
    reason: its.Reason = "",
    operation: its.Operation = "",
    route: its.Route = "",
    newer: its.Newer = None,
    older: its.Older = None,
    header: its.Headers = None,
    every: its.All = False,
    limit: its.Limit = None,
    dry_run: its.DryRun = False,
    yes: its.Yes = False,
    audit: its.AuditFile = None,
    exact: its.Exact = False,
    config: options.Config = _DEFAULT,
    broker: options.BrokerUrl = None,
    as_json: options.Json = False,
) -> None:
    """Delete dead letters for good. Asks first; in a script --yes says so beforehand."""
    from contracts.brokers.port import Broker  # noqa: PLC0415
    from ingress import dlq  # noqa: PLC0415
    from ingress.cli import client, ordering  # noqa: PLC0415

    wanted = ordering.filter_of(
        header, ids, reason=reason, operation=operation, route=route, newer=newer, older=older
    )
    name = queue if exact else dlq.queue_of(queue)
    order = dlq.Order(filter=wanted, limit=limit, dry_run=dry_run)
    ordering.check(order, name, every=every)
    ordering.may_drop(yes=yes, dry_run=dry_run)
    route_file = client.read_routes(config, needed=False) if not broker else None
    url = client.broker_of(broker, route_file)
    work = ordering.Ordering("drop", "dropped", dlq.drop, audit)

    async def act(at: Broker) -> int:
        if not (yes or dry_run or await ordering.ask_first(at, name, order)):
            typer.echo("nothing was dropped", err=True)
            return 1
        return await work.run(at, name, order, as_json=as_json)

    raise typer.Exit(client.run(url, act))
