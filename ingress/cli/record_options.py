"""The options that say which records of the journal are meant, and the filter that they make."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

T = TypeVar("T")


def _route_names(context: typer.Context, incomplete: str) -> list[str]:
    # Imported late, so that --help is quick, here and below.
    from ingress.cli import completion  # noqa: PLC0415

    return completion.route_names(context, incomplete)


def _fault_codes(incomplete: str) -> list[str]:
    from ingress.cli import completion  # noqa: PLC0415

    return completion.fault_codes(incomplete)


def _many(name: str, text: str, **more: Any) -> Any:  # noqa: ANN401 - what typer makes of an option
    return typer.Option(name, help=f"{text} May be repeated.", **more)


Since = Annotated[
    str | None,
    typer.Option("--since", metavar="WHEN", help="Only from then on: 15m, 2h ago, an ISO time."),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="WHEN", help="Only before then; as --since.")
]
Ids = Annotated[list[str] | None, _many("--id", "Only this request id.")]
Routes = Annotated[
    list[str] | None,
    _many("--route", 'Only this route: "POST /v1/orders".', autocompletion=_route_names),
]
Methods = Annotated[list[str] | None, _many("--method", "Only this method.")]
Statuses = Annotated[
    list[str] | None,
    _many("--status", "Only these statuses: 404, 5xx, >=500, 200-299.", metavar="STATUS"),
]
Codes = Annotated[
    list[str] | None,
    _many("--code", "Only this fault: deadline.", autocompletion=_fault_codes),
]
Callers = Annotated[list[str] | None, _many("--caller", "Only this caller, or IP address.")]
Slower = Annotated[
    str | None,
    typer.Option("--slower", metavar="TIME", help="Only what took at least so long: 500ms."),
]
Headers = Annotated[
    list[str] | None,
    _many("--header", "Only with this request header.", metavar="NAME=VALUE"),
]
Body = Annotated[
    str,
    typer.Option(
        "--body", metavar="JMESPATH", help='Only where the request\'s JSON has it: "a.b".'
    ),
]
Reply = Annotated[
    str, typer.Option("--reply", metavar="JMESPATH", help="Only where the answer's JSON has it.")
]
Replayed = Annotated[
    bool | None,
    typer.Option("--replayed/--not-replayed", help="Only replays, or none of them."),
]
ReplayOf = Annotated[str, typer.Option("--replay-of", help="Only replays of this request id.")]
Run = Annotated[str, typer.Option("--run", help="Only what this replay run has sent.")]


def filter_of(  # noqa: PLR0913 - one parameter an option
    *,
    since: Since = None,
    until: Until = None,
    ids: Ids = None,
    routes: Routes = None,
    methods: Methods = None,
    statuses: Statuses = None,
    codes: Codes = None,
    callers: Callers = None,
    slower: Slower = None,
    headers: Headers = None,
    body: Body = "",
    reply: Reply = "",
    replayed: Replayed = None,
    replay_of: ReplayOf = "",
    run: Run = "",
) -> Any:  # noqa: ANN401 - a Filter, which is imported late
    """Make the :class:`~ingress.journal.filter.Filter` that the options ask for, or exit with 2."""
    from contracts.deadline import now_ms  # noqa: PLC0415
    from ingress import units  # noqa: PLC0415
    from ingress.journal import words  # noqa: PLC0415
    from ingress.journal.filter import Filter, check_expression  # noqa: PLC0415

    now = now_ms()
    return Filter(
        since=_read("--since", since, lambda text: words.moment(text, now)),
        until=_read("--until", until, lambda text: words.moment(text, now)),
        ids=tuple(ids or ()),
        routes=tuple(routes or ()),
        methods=tuple(method.upper() for method in methods or ()),
        statuses=tuple(_each("--status", statuses, words.status)),
        codes=tuple(codes or ()),
        callers=tuple(callers or ()),
        slower=_read("--slower", slower, lambda text: round(units.duration(text) * 1_000_000)),
        headers=_read("--header", headers, words.headers) or (),
        body=_read("--body", body or None, check_expression) or "",
        reply=_read("--reply", reply or None, check_expression) or "",
        replayed=replayed,
        replay_of=replay_of,
        run=run,
    )


def _read(option: str, given: Any, reader: Callable[[Any], T]) -> T | None:  # noqa: ANN401
    """Read what was given, and say of which option it is when it cannot be."""
    if given is None:
        return None
    try:
        return reader(given)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _each(option: str, given: list[str] | None, reader: Callable[[str], T]) -> list[T]:
    return [found for text in given or () if (found := _read(option, text, reader)) is not None]
