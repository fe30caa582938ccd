"""``queuegate mock``: recorded answers in the place of workers."""

from pathlib import Path
from typing import Annotated

import typer

from ingress.cli import log_options, options
from ingress.cli import replay_options as its


@log_options.filtered
def mock(  # noqa: PLR0913 - one parameter an option
    *,
    wanted: log_options.Wanted,
    from_: its.From = "journal",
    journal: log_options.Journal = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many answers.")] = 100_000,
    match_body: Annotated[
        bool, typer.Option("--match-body", help="The body has to be the recorded one, too.")
    ] = False,
    latency: Annotated[
        str,
        typer.Option(
            help="How long each answer takes: 50ms, or `recorded` for as long as it took once."
        ),
    ] = "0ms",
    host: options.Host = "127.0.0.1",
    port: options.Port = 8000,
    config: options.Config = Path("gateway.yaml"),
    log_format: options.Format = "text",
    log_level: options.Level = "INFO",
) -> None:
    """Serve recorded answers, so that a front end or a test runs without the workers.

    A request gets what was recorded for its method, path and query; several answers come in the
    order of their time, then the last one again. Anything else is 404, which names the nearest
    recording.
    """
    # Imported late, so that --help is quick.
    from ingress.cli import mocking  # noqa: PLC0415
    from ingress.cli.replay_place import Place  # noqa: PLC0415
    from ingress.replay.order import Order  # noqa: PLC0415

    order = Order(source=its.source(from_, ""), wanted=wanted, limit=limit)
    found = mocking.recordings(Place(config, journal=journal), order, match_body=match_body)
    seconds = None if latency == "recorded" else its.latency(latency)
    mocking.serve(found, host, port, latency=seconds, log_format=log_format, log_level=log_level)
