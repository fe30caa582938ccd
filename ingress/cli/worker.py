"""``queuegate worker``: the processes that do the work."""

from typing import Annotated

import typer

from ingress.cli import options


def _complete(context: typer.Context, incomplete: str) -> list[str]:
    from ingress.cli import completion  # noqa: PLC0415 - late, so that --help is quick

    return completion.services(context, incomplete)


def worker(
    services: Annotated[
        list[str],
        typer.Argument(
            metavar="MODULE:SERVICE...",
            help="What to run: where to import it from, and its name.",
            autocompletion=_complete,
        ),
    ],
    *,
    broker: options.BrokerUrl = None,
    processes: options.Processes = 1,
    drain_timeout: options.DrainTimeout = 30.0,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start again when a file below this folder changes.")
    ] = False,
    log_format: options.Format = "text",
    log_level: options.Level = "INFO",
) -> None:
    """Consume from the services' queues and run their operations.

    Start one more, here or on another machine, to go faster: workers compete for the calls.
    SIGTERM drains: what runs is answered, what has not begun goes to another worker.
    """
    from ingress import crew  # noqa: PLC0415 - late, so that --help is quick

    settings = crew.Settings(
        services=tuple(services),
        broker=broker,
        processes=processes,
        drain_timeout=drain_timeout,
        reload=reload,
        log_format=log_format,
        log_level=log_level,
    )
    raise typer.Exit(crew.work(settings))
