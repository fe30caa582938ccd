"""The ``queuegate`` command: one file a command, put together here.

Nothing heavy is imported before a command runs, so that ``--help``,
``version`` and tab completion answer at once.

Exit codes: 0, 1 failure, 2 bad usage or configuration, 3 nothing to replay, 130 interrupted.
"""

import sys

import typer

from ingress.cli import (
    admin,
    cache,
    callers,
    consumers,
    describe,
    dev,
    dlq,
    doctor,
    keys,
    limits,
    log,
    maintenance,
    mock,
    plans,
    replay,
    routes,
    serve,
    transform,
    version,
    versions,
    worker,
)
from ingress.cli.faults import exit_code_of

app = typer.Typer(
    name="queuegate",
    help="An API gateway whose backends are message queues.",
    epilog="What a route does is in gateway.yaml; `queuegate routes explain` tells it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback()(version.asked)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("dev")(dev.dev)
app.add_typer(routes.app, name="routes")
app.add_typer(dlq.app, name="dlq")
app.add_typer(log.app, name="log")
app.add_typer(cache.app, name="cache")
app.add_typer(limits.app, name="limits")
app.add_typer(replay.app, name="replay")
app.add_typer(consumers.app, name="consumers")
app.add_typer(keys.app, name="keys")
app.add_typer(plans.app, name="plans")
app.add_typer(admin.app, name="admin")
app.add_typer(callers.app, name="callers")
app.add_typer(maintenance.app, name="maintenance")
app.add_typer(versions.app, name="versions")
app.command("describe")(describe.describe)
app.command("transform")(transform.transform)
app.command("mock")(mock.mock)
app.command("doctor")(doctor.doctor)
app.command("version")(version.version)


def main() -> None:
    """Run the command line, and say what went wrong in words, not tracebacks."""
    try:
        # Named, since it would call itself after the module under `python -m`.
        app(prog_name="queuegate")
    except KeyboardInterrupt:
        # 128 + SIGINT, as shells have it; whoever pressed Ctrl-C needs no explanation.
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - unknown ones are raised again
        sys.exit(exit_code_of(error))
