"""Where the journal is that a command reads, and how a command takes the options of a filter."""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from ingress.cli.record_options import filter_of

Wanted = Any
"""A Filter, whose class is imported late: so that --help is quick."""

Journal = Annotated[
    str | None,
    typer.Option(
        "--journal",
        envvar="QUEUEGATE_JOURNAL",
        help="The journal's file, or stream:NAME; without it the route file's.",
    ),
]
Url = Annotated[str, typer.Option("--url", help="What URLs begin with.")]


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of ``filter_of``, in place of its parameter ``wanted``."""
    options = inspect.signature(filter_of).parameters
    own = [one for one in inspect.signature(command).parameters.values() if one.name != "wanted"]

    @functools.wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401 - what typer read
        chosen = {name: given.pop(name) for name in options}
        command(wanted=filter_of(**chosen), **given)

    # Which records, and then what is to be done with them.
    parameters = [*options.values(), *own]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


@contextmanager
def opened(journal: str | None, config: Path, broker: str | None) -> Iterator[Any]:
    """Open the journal that is meant, and close it. Raises ``JournalError`` and ``ConfigError``."""
    from ingress.journal import opening  # noqa: PLC0415
    from ingress.journal.compiled import keyring  # noqa: PLC0415
    from ingress.routefile import load  # noqa: PLC0415

    if journal is None:
        reader = opening.of_route_file(load(config), config.parent, broker=broker)
    else:
        # Its keys are the route file's, if there is one.
        file = load(config) if config.exists() else None
        where = broker or (file.broker if file else "")
        ring = keyring(file) if file else None
        reader = opening.open_reader(journal, Path(), ring, broker=where)
    try:
        yield reader
    finally:
        reader.close()
