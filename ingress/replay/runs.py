"""What was replayed: the file of runs, so that a run can go on and nothing is sent twice.

A call that changes something is written down before it is sent and again when it was answered. One
that was begun and never ended may or may not have run: it is told, and not sent again by itself.
Calls that change nothing are only written when they were answered, in batches: what a crash forgets
of them is sent once more, which is harmless.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from threading import RLock
from typing import Any, Final

import msgspec

from contracts.deadline import now_ms
from ingress.compare.answer import Answer
from ingress.journal.crypt import Keyring
from ingress.journal.record import Content, Record
from ingress.replay import begun, packs
from ingress.replay.begun import Begun, Leaving
from ingress.replay.packs import Head, Packed, Packs

VERSION: Final = 3
# "QGRU", so that no other file is taken for one of runs.
APPLICATION: Final = 0x51475255

_RUNS: Final = """
CREATE TABLE runs (
  run TEXT PRIMARY KEY, started INTEGER NOT NULL, ended INTEGER,
  source TEXT NOT NULL, target TEXT NOT NULL, total INTEGER NOT NULL, settings BLOB NOT NULL
);
"""


class RunsError(Exception):
    """The file of runs cannot be used, or there is no such run; the text is for people."""


class State(IntEnum):
    """How far a call came."""

    BEGUN = 1
    ANSWERED = 2
    # Known not to have been sent.
    UNSENT = 3
    # Sent, and no answer came: it may have run.
    UNKNOWN = 4


class Send(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One call of a run: the original, the new one, and both answers.

    ``started`` is when the original came, ``at`` when this one had its answer: Unix milliseconds.
    """

    place: str
    original: str
    state: State
    started: int = 0
    route: str = ""
    what: str = ""
    at: int = 0
    id: str = ""
    safe: bool = True
    before: Answer = Answer()
    after: Answer = Answer()


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run. Times are Unix milliseconds; ``ended`` is 0 while it is not through.

    ``settings`` are the words that it was started with, to go on with the same.
    """

    run: str
    started: int
    source: str
    target: str
    total: int
    settings: dict[str, object] = {}
    ended: int = 0


_COLUMNS: Final = "run, started, source, target, total, settings, ended"
_encode: Final = msgspec.msgpack.Encoder().encode
_send: Final = msgspec.msgpack.Decoder(Send)
_parts: Final = msgspec.msgpack.Decoder(tuple[str, bytes])
# No record in the clear begins so: that is a map.
_SEALED: Final = b"\x00"


class Runs:
    """The file at ``path``; it is made when it is not there. Only its owner may read it.

    With keys in ``ring``, those of the journal, the answers are encrypted as they are there. Raises
    ``RunsError`` for a file that is no such file, or of a version to come.
    """

    def __init__(self, path: Path, ring: Keyring | None = None) -> None:
        self.path = path
        self._ring = ring or Keyring()
        self._sealed = bool(self._ring)
        # Items may be looked up in the thread that reads ahead.
        self._lock = RLock()
        # Calls, by run and place, that were tried before: the last word on them counts.
        self._tried: set[tuple[str, str]] = set()
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._file = sqlite3.connect(
                path, timeout=5, isolation_level=None, check_same_thread=False
            )
            self._open()
            self._begun = Begun(self._file)
            self._packs = Packs(self._file)
        except (OSError, sqlite3.Error) as error:
            raise RunsError(f"runs {path}: {error}") from None

    def __repr__(self) -> str:
        return f"<Runs {self.path}>"

    def begin(self, run: Run) -> None:
        """Write down a new run. Raises ``RunsError`` when there is one of this name."""
        values = msgspec.structs.asdict(run) | {"settings": _encode(run.settings)}
        marks = ", ".join(f":{name}" for name in _COLUMNS.split(", "))
        try:
            self._file.execute(f"INSERT INTO runs ({_COLUMNS}) VALUES ({marks})", values)  # noqa: S608
        except sqlite3.IntegrityError:
            hint = f"go on with it by `queuegate replay resume {run.run}`, or give another --name"
            raise RunsError(f"there is a run {run.run} already: {hint}") from None

    def end(self, run: str) -> None:
        """Write down that a run is through."""
        self._file.execute("UPDATE runs SET ended = ? WHERE run = ?", (now_ms(), run))

    def list(self) -> list[Run]:
        """Give all runs, the newest first."""
        rows = self._file.execute(f"SELECT {_COLUMNS} FROM runs ORDER BY started DESC")  # noqa: S608
        return [_run(row) for row in rows]

    def get(self, run: str) -> Run:
        """Give a run. Raises ``RunsError`` when there is none."""
        found = self._file.execute(
            f"SELECT {_COLUMNS} FROM runs WHERE run = ?",  # noqa: S608
            (run,),
        ).fetchone()
        if found is None:
            names = ", ".join(one.run for one in self.list()[:5]) or "none at all"
            raise RunsError(f"there is no run {run!r} in {self.path}; there are: {names}")
        return _run(found)

    def write(self, run: str, sends: Iterable[Send]) -> None:
        """Write down how far calls came, all in one transaction."""
        leaving, said = [], []
        for one in sends:
            if one.state is State.BEGUN and (run, one.place) not in self._tried:
                leaving.append(Leaving(one.place, one.original, one.started, one.safe))
            else:
                said.append(self._packed(one))
        with self._transaction():
            if said:
                self._packs.add(run, said)
                self._begun.end(run, [one.head.place for one in said])
            if leaving:
                self._begun.add(run, leaving)

    def states(self, run: str) -> dict[str, State]:
        """Give how far each call of a run came, by its place."""
        self._settle()
        states = {place: State(state) for place, state in self._packs.states(run).items()}
        self._tried.update(
            (run, place) for place, state in states.items() if state is not State.ANSWERED
        )
        return states

    def sends(self, run: str) -> Iterator[Send]:
        """Give the calls of a run in the order in which they were written down."""
        self._settle()
        return map(self._open_up, self._packs.stored(run))

    def one(self, run: str, place: str) -> Send | None:
        """Give one call of a run, if it was sent."""
        self._settle()
        found = self._packs.one(run, place)
        return None if found is None else self._open_up(found)

    def replayed(self, original: str, started: int, target: str) -> str:
        """Give the run that has sent a call to the same target; empty for none.

        A call is the same by its id and its moment, whether it comes from the journal or a file.
        """
        self._settle()
        runs = self._packs.sent(original, started, target)
        return next((run for run, state in runs if state != State.UNSENT), "")

    def forget(self, run: str) -> None:
        """Delete a run and what is known of its calls."""
        with self._transaction():
            self._begun.forget(run)
            self._packs.forget(run)
            self._file.execute("DELETE FROM runs WHERE run = ?", (run,))

    def close(self) -> None:
        """Leave the file."""
        self._file.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Write all of a block or nothing. Raises ``RunsError``."""
        with self._lock:
            try:
                self._file.execute("BEGIN IMMEDIATE")
                yield
                self._file.execute("COMMIT")
            except sqlite3.Error as error:
                with suppress(sqlite3.Error):
                    self._file.execute("ROLLBACK")
                raise RunsError(f"runs {self.path}: {error}") from None

    def _settle(self) -> None:
        """Put what was begun and has not ended beside the other calls.

        Those of a run that goes on, in this process or another, are written over when they end.
        """
        if not self._begun.any():
            return
        with self._transaction():
            left: dict[str, list[Leaving]] = {}
            for run, one in self._begun.take():
                left.setdefault(run, []).append(one)
            for run, calls in left.items():
                said = self._packs.states(run)
                self._packs.add(run, [self._left(one) for one in calls if one.place not in said])

    def _left(self, one: Leaving) -> Packed:
        return self._packed(
            Send(
                place=one.place,
                original=one.original,
                started=one.started,
                state=State.BEGUN,
                safe=one.safe,
            )
        )

    def _packed(self, send: Send) -> Packed:
        head = Head(send.place, send.original, send.started, send.state)
        return Packed(head, self._seal(send))

    def _seal(self, send: Send) -> bytes:
        if not self._sealed:
            return _encode(send)
        # As the journal seals its own: the rest of a record stays empty.
        body = Content(reply_body=_encode(send))
        sealed = self._ring.seal(Record(id="", started=0, method="", path="", content=body))
        return _SEALED + _encode((sealed.key, sealed.content))

    def _open_up(self, data: bytes) -> Send:
        if data[:1] != _SEALED:
            return _send.decode(data)
        key, content = _parts.decode(data[1:])
        sealed = Record(id="", started=0, method="", path="", content=content, key=key)
        record = self._ring.unlock(sealed)
        if record.locked:
            raise RunsError(f"{self.path} is encrypted: its key is one of the journal's")
        return _send.decode(record.open.reply_body)

    def _open(self) -> None:
        self._file.execute("PRAGMA journal_mode = WAL")
        # A process that dies loses nothing by this; a machine may lose its last moments.
        self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.execute("BEGIN IMMEDIATE")
        try:
            application = self._pragma("application_id")
            if not application and not self._pragma("schema_version"):
                self._make(_RUNS, begun.TABLE, packs.TABLES)
                self._file.execute(f"PRAGMA application_id = {APPLICATION}")
                self._file.execute(f"PRAGMA user_version = {VERSION}")
            elif application != APPLICATION:
                raise RunsError(f"{self.path} is no file of runs")
            if 0 < self._pragma("user_version") < VERSION:
                self._make("DROP TABLE IF EXISTS begun", begun.TABLE, packs.TABLES)
                packs.take_over(self._file)
                self._file.execute(f"PRAGMA user_version = {VERSION}")
            version = self._pragma("user_version")
            if version != VERSION:
                raise RunsError(
                    f"{self.path} has version {version}, and this queuegate knows {VERSION}: "
                    "begin another file with --runs"
                )
        finally:
            self._file.execute("COMMIT")

    def _make(self, *tables: str) -> None:
        for statement in ";".join(tables).split(";"):
            self._file.execute(statement)

    def _pragma(self, name: str) -> int:
        return int(self._file.execute(f"PRAGMA {name}").fetchone()[0])


def _run(row: tuple[Any, ...]) -> Run:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    values["settings"] = msgspec.msgpack.decode(values["settings"])
    values["ended"] = values["ended"] or 0
    return msgspec.convert(values, Run)
