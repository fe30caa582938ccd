"""Carries out ``queuegate mock``: reads the recordings, serves until it is told to stop."""

from contextlib import closing
from itertools import islice

import typer

from contracts import logs, loop
from contracts.logs import Format
from ingress.cli.playing import NOTHING
from ingress.cli.replay_place import Place
from ingress.mock.answering import Mock
from ingress.mock.recordings import Recordings
from ingress.mock.server import serve as serve_mock
from ingress.observers.log import RequestLog
from ingress.replay import assemble
from ingress.replay.order import Order
from ingress.supervisor import listen


def recordings(place: Place, order: Order, *, match_body: bool) -> Recordings:
    """Read the recordings that are meant; ends the command with 3 when there are none."""
    with assemble.source_of(order, place.reader) as records:
        found = Recordings(islice(records, order.limit), match_body=match_body)
    if found.unusable:
        why = "only metadata, a part of the answer, or none was recorded"
        typer.echo(f"queuegate: {found.unusable} records are passed over: {why}", err=True)
    if not found:
        advice = "record the routes with `journal: full`" if found.unusable else "no record fits"
        typer.echo(f"queuegate: nothing to serve: {advice}", err=True)
        raise typer.Exit(NOTHING)
    return found


def serve(
    found: Recordings,
    host: str,
    port: int,
    *,
    latency: float | None,
    log_format: Format,
    log_level: str,
) -> None:
    """Serve until SIGTERM or SIGINT. Raises ``OSError`` when the port is taken."""
    console = logs.configure(format=log_format, level=log_level)
    lines = RequestLog(log_format)
    with closing(listen(host, port)) as sock:
        address = "http://{}:{}".format(*sock.getsockname()[:2])

        def ready() -> None:
            console.info(
                "mocking {} requests with {} answers on {}", len(found), found.count, address
            )

        loop.run(serve_mock(Mock(found, latency=latency), sock, lines, ready))
    lines.flush()
