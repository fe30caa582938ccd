"""``queuegate transform``: a route's transformation, tried on a body without a gateway."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ingress.cli import options

_DEFAULT = Path("gateway.yaml")


def _complete(context: typer.Context, incomplete: str) -> list[str]:
    # Imported late here and below, so that --help is quick.
    from ingress.cli import completion  # noqa: PLC0415

    return completion.routes(context, incomplete)


def transform(
    *,
    route: Annotated[
        str,
        typer.Option("--route", "-r", help='A route: "POST /v1/orders".', autocompletion=_complete),
    ],
    reply: Annotated[
        bool, typer.Option("--reply", help="The body is a worker's reply, not a request's.")
    ] = False,
    status: Annotated[int, typer.Option(min=200, max=599, help="The reply's status.")] = 200,
    header: Annotated[
        list[str] | None, typer.Option("--header", "-H", help="A header of it: NAME:VALUE.")
    ] = None,
    path: Annotated[
        list[str] | None, typer.Option("--path", help="A path parameter: NAME=VALUE.")
    ] = None,
    query: Annotated[str, typer.Option(help="The query string, without the question mark.")] = "",
    config: options.Config = _DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Read a body from stdin, and show it before and after the route's `transform`.

    Exit code 1 when a client would be answered with a fault.
    """
    from contracts.call import Reply  # noqa: PLC0415
    from ingress import explain, routefile  # noqa: PLC0415
    from ingress.cli import screen  # noqa: PLC0415
    from ingress.compile import compile_plans  # noqa: PLC0415
    from ingress.transform import trial  # noqa: PLC0415

    plans = compile_plans(routefile.load(config))
    found = explain.find(plans, route)
    if not found:
        raise typer.BadParameter(f"no route of {config} is or takes {route!r}")
    plan = plans[found[0]]
    if not trial.transforms(plan):
        typer.echo(f"queuegate: {plan.name} has no `transform`", err=True)
        raise typer.Exit(1)
    headers = _split(header or (), ":", "--header", lower=True)
    if not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "application/json"))
    params = dict(_split(path or (), "=", "--path"))
    body = sys.stdin.buffer.read()
    if reply:
        call = trial.call_of(plan, b"", params=params, query=query)
        answer = Reply(status=status, headers=tuple(headers), body=body)
        result = trial.try_reply(plan, call, answer)
    else:
        call = trial.call_of(plan, body, params=params, query=query, headers=tuple(headers))
        result = trial.try_request(plan, call)
    if as_json:
        screen.as_json(result)
    else:
        _show(result.before, "before")
        _show(result.after if result.fault is None else result.fault, "after")
    if result.fault is not None:
        raise typer.Exit(1)


def _split(
    words: Sequence[str], separator: str, option: str, *, lower: bool = False
) -> list[tuple[str, str]]:
    pairs = []
    for word in words:
        name, found, value = word.partition(separator)
        if not found or not name.strip():
            raise typer.BadParameter(f"{option} is NAME{separator}VALUE, not {word!r}")
        pairs.append((name.strip().lower() if lower else name.strip(), value.strip()))
    return pairs


def _show(message: object, title: str) -> None:
    import msgspec  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from ingress.cli import screen  # noqa: PLC0415

    console = screen.out()
    console.print(Text(title, style="bold"))
    text = json.dumps(msgspec.to_builtins(message), indent=2, ensure_ascii=False)
    console.print(Text("\n".join(f"  {line}" for line in text.splitlines())))
