"""``queuegate routes``: is the route file right, what is in it, what happens and why."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ingress.cli import options

app = typer.Typer(
    help="Look into the route file: is it right, what is in it, what happens on a route and why.",
    no_args_is_help=True,
)

_DEFAULT = Path("gateway.yaml")


def _complete(context: typer.Context, incomplete: str) -> list[str]:
    # Imported late here and below, so that --help is quick.
    from ingress.cli import completion  # noqa: PLC0415

    return completion.routes(context, incomplete)


def _complete_callers(context: typer.Context, incomplete: str) -> list[str]:
    from ingress.cli import completion  # noqa: PLC0415

    return completion.callers(context, incomplete)


@app.command()
def check(
    *,
    config: options.Config = _DEFAULT,
    code: Annotated[
        bool,
        typer.Option(
            "--code/--no-code",
            help="Import the services' modules and hold the routes against their operations.",
        ),
    ] = True,
    as_json: options.Json = False,
) -> None:
    """Say whether the route file is right, or all that is wrong with it (exit 2).

    Modules that are not on this machine are passed over, and named.
    """
    from ingress import offers, routefile  # noqa: PLC0415
    from ingress.auth.rehearsal import rehearse  # noqa: PLC0415
    from ingress.cli import screen  # noqa: PLC0415
    from ingress.compile import compile_plans  # noqa: PLC0415
    from ingress.problems import ConfigError  # noqa: PLC0415
    from ingress.validation import contract  # noqa: PLC0415

    try:
        route_file = routefile.load(config)
        compile_plans(route_file, shared={"authenticators": rehearse(route_file, config.parent)})
        if code:
            found = [*offers.problems(route_file, Path.cwd()), *contract.drifted(route_file)]
            if found:
                raise ConfigError(found)
    except ConfigError as error:
        if not as_json:
            raise
        screen.as_json({"ok": False, "problems": error.problems})
        raise typer.Exit(2) from None
    count = len(route_file.routes)
    if as_json:
        screen.as_json({"ok": True, "file": str(config), "routes": count, "problems": []})
        return
    screen.out().print(f"{config}: {count} route{'s' if count != 1 else ''}, all right")
    for module in offers.absent(route_file) if code else ():
        # Right on a machine that has the gateway alone, and a typo on any other.
        typer.echo(f"not held against its code: there is no {module} here", err=True)


@app.command("list")
def list_routes(*, config: options.Config = _DEFAULT, as_json: options.Json = False) -> None:
    """List the routes in the order in which they are tried, and where each goes."""
    from ingress import routefile, writing  # noqa: PLC0415
    from ingress.cli import screen  # noqa: PLC0415
    from ingress.compile import compile_plans  # noqa: PLC0415
    from ingress.routing.order import in_order  # noqa: PLC0415

    rows = []
    for plan in in_order(compile_plans(routefile.load(config))):
        exchange, key = plan.target.exchange, plan.target.routing_key
        rows.append(
            {
                "route": plan.name,
                "priority": str(plan.when.priority),
                "operation": plan.target.operation,
                "target": f"{exchange} -> {key}" if exchange else key,
                "dialect": plan.target.dialect.name,
                "timeout": writing.write("timeout", plan.timeout),
                "attempts": str(plan.retry.attempts if plan.retry else 1),
                "breaker": "on" if plan.breaker else "off",
                "policies": ", ".join(policy.name for policy in plan.policies) or "-",
            }
        )
    if as_json:
        screen.as_json(rows)
        return
    if not any(row["priority"] != "0" for row in rows):
        # A column of zeros tells nobody anything.
        rows = [{k: v for k, v in row.items() if k != "priority"} for row in rows]
    headings = [name.upper() for name in rows[0]]
    screen.table(screen.out(), headings, [list(row.values()) for row in rows], ["cyan"])


@app.command()
def explain(
    route: Annotated[
        list[str] | None,
        typer.Argument(
            help='A route, a request or an operation: "POST /v1/orders", GET /v1/orders/42, '
            "orders.get. With --as none is all.",
            autocompletion=_complete,
        ),
    ] = None,
    *,
    caller: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="CALLER",
            help="Say instead whether this caller may: a consumer of the file, `anonymous`, or a "
            "file with a token or its claims as JSON.",
            autocompletion=_complete_callers,
        ),
    ] = "",
    address: Annotated[
        str, typer.Option("--address", help="The client's address, for rules that ask for it.")
    ] = "",
    host: Annotated[str, typer.Option("--host", help="The host that the request is for.")] = "",
    header: Annotated[
        list[str] | None,
        typer.Option(
            "--header", "-H", help='A header of the request, as curl takes it: "x-beta: 1".'
        ),
    ] = None,
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Tell what happens on a route, in which order, and why.

    For a request it tells first which route takes it, and why the others do not. With --as it
    says who may call it and why not, on this route or on all.
    """
    from ingress import explain as explaining  # noqa: PLC0415
    from ingress import routefile  # noqa: PLC0415
    from ingress.auth.rehearsal import rehearse  # noqa: PLC0415
    from ingress.cli import explained, judged, permitted, screen  # noqa: PLC0415
    from ingress.compile import compile_plans  # noqa: PLC0415
    from ingress.problems import did_you_mean  # noqa: PLC0415

    route_file = routefile.load(config)
    ways = rehearse(route_file, config.parent)
    plans = compile_plans(route_file, shared={"authenticators": ways})
    words = " ".join(route or ())
    if caller:
        permitted.show(route_file, plans, words, permitted.Asked(caller, address, as_json=as_json))
        return
    if not words:
        raise typer.BadParameter("name a route, or a caller with --as")
    ruling = judged.rule(plans, words, host, header or ())
    places = explaining.find(plans, words)
    if ruling is not None:
        places = [ruling.place] if ruling.place >= 0 else []
    found = [explaining.explain(route_file, plans, one) for one in places]
    if ruling is not None and not as_json:
        judged.show(screen.out(), words, ruling)
    if not found:
        known = [name for plan in plans for name in (plan.name, plan.target.operation)]
        hint = did_you_mean(words, known) or "`queuegate routes list` shows what there is"
        typer.echo(f"queuegate: no route of {config} is or takes {words!r} ({hint})", err=True)
        raise typer.Exit(1)
    if as_json:
        screen.as_json({"ruling": ruling, "routes": found} if ruling is not None else found)
        return
    console = screen.out()
    for index, one in enumerate(found):
        if index or ruling is not None:
            console.print()
        explained.show(console, one)


@app.command()
def schema(
    *,
    write: Annotated[
        Path | None, typer.Option("--write", "-w", help="Write it to this file.")
    ] = None,
) -> None:
    """Print the JSON Schema of the route file, for editors that complete and check.

    In VS Code and others with yaml-language-server, put this line first in the route file:
    # yaml-language-server: $schema=gateway.schema.json
    """
    from ingress import schema as schemas  # noqa: PLC0415

    text = json.dumps(schemas.build(), indent=2) + "\n"
    if write is None:
        typer.echo(text, nl=False)
    else:
        try:
            write.write_text(text, encoding="utf-8")
        except OSError as error:
            raise OSError(error.errno, f"cannot write {write}: {error.strerror}") from None
