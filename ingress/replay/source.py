"""Where the calls to be replayed are taken from. Each source can be gone through several times."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec

from contracts.call import Call
from contracts.dead_letter import Letter
from contracts.deadline import now_ms
from contracts.dialects.port import WorkerDialect
from contracts.fault import Fault
from ingress.journal.filter import Filter
from ingress.journal.reader import Reader
from ingress.journal.record import Content, Record


class Source(Protocol):
    """Gives the same records each time it is asked, the oldest first."""

    def __iter__(self) -> Iterator[Record]:
        """Give the records."""
        ...


class JournalSource:
    """The records of a journal that fit a filter, as it was when this was made.

    Replays among them are left out unless the filter speaks of them: else a run would grow with
    each repetition.
    """

    def __init__(self, reader: Reader, wanted: Filter) -> None:
        self._reader = reader
        self.wanted = settled(wanted)

    def __repr__(self) -> str:
        return f"<JournalSource {self._reader!r}>"

    def __iter__(self) -> Iterator[Record]:
        """Give the records, the oldest first."""
        return self._reader.find(self.wanted, oldest=True)


def settled(wanted: Filter, *, now: int | None = None) -> Filter:
    """Give the filter that means the same tomorrow: up to now, and no replays by themselves."""
    changes: dict[str, object] = {}
    if wanted.until is None:
        changes["until"] = (now_ms() if now is None else now) + 1
    if wanted.replayed is None and not (wanted.replay_of or wanted.run or wanted.ids):
        changes["replayed"] = False
    return msgspec.structs.replace(wanted, **changes)


def of_letters(
    letters: Iterable[Letter], dialect: WorkerDialect
) -> tuple[list[Record], list[tuple[str, str]]]:
    """Make records of dead letters; the second are those that are no call, with the reason."""
    records, passed = [], []
    for letter in letters:
        try:
            call = dialect.call(letter.message)
        except Fault as fault:
            passed.append((letter.id, fault.detail or fault.title))
            continue
        records.append(_of_letter(letter, call))
    return records, passed


def _of_letter(letter: Letter, call: Call) -> Record:
    # Two attempts of one request may both have died: the time tells them apart, else the bytes.
    digest = hashlib.sha256(letter.message.body).hexdigest()[:16]
    return Record(
        id=letter.id,
        started=letter.last.at,
        method=call.method,
        path=call.path,
        route=call.route or letter.operation or "-",
        operation=call.operation,
        caller=call.caller.id,
        client=call.caller.address,
        level="full",
        bytes_in=len(call.body),
        content=Content(query=call.query, request_headers=call.headers, request_body=call.body),
        place=f"{letter.last.at}-{digest}",
    )
