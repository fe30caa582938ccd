"""Where ``queuegate replay`` finds things: the route file, the journal, the file of runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final

from ingress.cli import client
from ingress.journal.compiled import keyring
from ingress.journal.reader import Reader
from ingress.journal.sections import STREAM
from ingress.replay import assemble
from ingress.replay.assemble import UsageError
from ingress.replay.mark import Marks
from ingress.replay.runs import Runs
from ingress.routefile import RouteFile

_RUNS: Final = "replays.db"


class Place:
    """What the options say of where things are; the route file need not be there."""

    def __init__(
        self,
        config: Path,
        *,
        journal: str | None = None,
        runs: Path | None = None,
        broker: str | None = None,
    ) -> None:
        self._config = config
        self._folder = config.absolute().parent
        self._journal = journal
        self._runs = runs
        self._broker = broker

    def __repr__(self) -> str:
        return f"<Place {self._config}>"

    @cached_property
    def route_file(self) -> RouteFile | None:
        """The route file; raises ``ConfigError`` for a wrong one."""
        return client.read_routes(self._config, needed=False)

    @property
    def broker(self) -> str:
        """The broker's address. Raises ``UsageError`` for one that lives in another process."""
        url = self._broker or (self.route_file.broker if self.route_file else "")
        if not url:
            raise UsageError("which broker? Give --broker, or a route file with one")
        if url.startswith("memory:"):
            where = "lives in the process of `queuegate dev`: go through its gateway with --to"
            raise UsageError(f"{url} {where}")
        return url

    @property
    def marks(self) -> Marks:
        """What signs replays: the key of the route file."""
        section = self.route_file.replay if self.route_file else None
        return Marks(section.key if section else "")

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """Open the journal, for the time of the block."""
        reader = assemble.open_journal(
            self.route_file, self._folder, self._journal, broker=self._broker
        )
        try:
            yield reader
        finally:
            reader.close()

    @contextmanager
    def runs(self) -> Iterator[Runs]:
        """Open the file of runs: the one that was named, or the one beside the journal."""
        ring = keyring(self.route_file) if self.route_file else None
        runs = Runs(self._runs or self._beside_the_journal() / _RUNS, ring)
        try:
            yield runs
        finally:
            runs.close()

    def _beside_the_journal(self) -> Path:
        if self._journal is not None and not self._journal.startswith(STREAM):
            return Path(self._journal).absolute().parent
        section = self.route_file.journal if self.route_file else "off"
        if section == "off" or section.store.startswith(STREAM):
            return self._folder
        return (self._folder / section.store).parent
