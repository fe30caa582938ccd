"""The journal of one gateway process: composer, writer and store, as the route file asks."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from contracts.call import Reply
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.journal import compiled
from ingress.journal.compose import Composer
from ingress.journal.opening import open_stream
from ingress.journal.sections import STREAM, JournalSection
from ingress.journal.sqlite.retention import Retention
from ingress.journal.sqlite.store import SqliteStore
from ingress.journal.stream.store import StreamStore
from ingress.journal.writer import Bounds, Meter, Store, Writer
from ingress.observers.journal import Journaling
from ingress.routefile import RouteFile

# Seconds for what waits to be written when the gateway stops.
_LAST_WORDS: Final = 5.0

Dispatcher = Callable[[Flow], Awaitable[Reply]]


class Journal:
    """Records finished Flows: ``observe`` takes one, and never waits.

    ``route_file`` has a journal; ``store`` is where it says, see :func:`open_store`.
    """

    def __init__(
        self,
        route_file: RouteFile,
        store: Store,
        *,
        meter: Meter,
        report: Callable[[str, str], None],
    ) -> None:
        assert route_file.journal != "off"  # noqa: S101 - for the type checker; asked by the caller
        self._section = section = route_file.journal
        keyring = compiled.keyring(route_file)
        self._composer = Composer(None, lock=keyring.lock if keyring else None)
        self._writer = Writer(
            store,
            self._composer,
            at_once=self._composer.at_once,
            meter=meter,
            report=report,
            bounds=Bounds(size=section.buffer, interval=section.interval),
            tick=self._composer.tick,
        )
        self.observe = Journaling(self._writer.keep)
        self.adopt(route_file)

    def __repr__(self) -> str:
        return f"<Journal {self._section.store} {self._writer!r}>"

    @property
    def trouble(self) -> str:
        """Why nothing can be written now; empty when all is well."""
        return self._writer.trouble

    def adopt(self, route_file: RouteFile) -> bool:
        """Take over what a new route file records.

        Says whether the journal itself is still as it says: where it is, and what it keeps, change
        with the next start.
        """
        otherwise = compiled.without_route(route_file)
        self._composer.otherwise, self.observe.unmatched = otherwise, otherwise is not None
        return route_file.journal == self._section

    def guard(self, dispatch: Dispatcher) -> Dispatcher:
        """Give the dispatcher that refuses what could not be recorded, if that is asked for."""
        if self._section.when_full == "drop":
            return dispatch

        def guarded(flow: Flow) -> Awaitable[Reply]:
            if self._writer.full and flow.plan is not None and flow.plan.journal is not None:
                flow.answered_by = "journal"
                raise Fault("overloaded", "the journal has no room")
            return dispatch(flow)

        return guarded

    def start(self) -> None:
        """Begin to write."""
        self._writer.start()

    def stop(self) -> bool:
        """Write what waits, and end; says whether all was written. Blocks for some seconds."""
        return self._writer.stop(_LAST_WORDS)


def open_store(section: JournalSection, folder: Path, broker: str) -> Store:
    """Give the store of a section: a file, relative to ``folder``, or a stream on ``broker``.

    Raises ``JournalError`` for a broker that has no streams.
    """
    keep = section.retention
    if section.store.startswith(STREAM):
        stream = open_stream(section.store, broker, label="queuegate journal")
        return StreamStore(stream, age=keep.age, size=keep.size)
    return SqliteStore(
        folder / section.store, Retention(age=keep.age, size=keep.size, count=keep.count)
    )
