"""What a command says when it cannot do what was asked, and its exit code."""

from typing import Final

import typer

FAILURE: Final = 1
USAGE: Final = 2


def exit_code_of(error: Exception) -> int:
    """Print an expected error as a sentence and give its exit code.

    Wrong configuration and wrong usage are 2, what the world refuses is 1.
    Anything else is a bug and is raised again, with its traceback.
    """
    # Imported late: see the package.
    from ingress.problems import ConfigError  # noqa: PLC0415

    if isinstance(error, ConfigError):
        from ingress.cli import screen  # noqa: PLC0415 - as above

        screen.complain(error)
        return USAGE
    # By name, since importing them would import the server and the workers.
    if type(error).__name__ in {"UsageError", "ServiceError"}:
        typer.echo(f"queuegate: {error}", err=True)
        return USAGE
    if type(error).__name__ in {"JournalError", "RunsError"}:
        typer.echo(f"queuegate: {error}", err=True)
        return FAILURE
    if isinstance(error, OSError):
        typer.echo(f"queuegate: {error.strerror or error}", err=True)
        return FAILURE
    raise error
