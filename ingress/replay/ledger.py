"""Writes into the file of runs what is begun and what has ended, many at once."""

import asyncio
from collections.abc import Iterable
from typing import Final

import msgspec

from contracts.deadline import now_ms
from ingress.compare.answer import Answer
from ingress.replay.hidden import Hiding
from ingress.replay.item import Item
from ingress.replay.runs import Runs, Send, State
from ingress.replay.sinks.port import Sent

# Seconds that an answer may wait to be written: what a crash forgets is this much.
INTERVAL: Final = 0.1

# Bytes of a body that are kept; the rest is not compared.
KEPT: Final = 64 * 1024


class Ledger:
    """The book of one run. ``close`` writes what is still to be written."""

    def __init__(self, runs: Runs, run: str, hide: Hiding | None = None) -> None:
        self._runs = runs
        self._hide = hide or Hiding()
        self._run = run
        self._waiting: list[Send] = []
        self._timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Ledger of {self._run}, {len(self._waiting)} to write>"

    def begin(self, items: Iterable[Item]) -> None:
        """Write down that calls are about to be sent: it is written when this returns.

        Raises what the file raises; then none of them must be sent.
        """
        # Their answers follow: until then place and state are all that has to be known.
        begun = [
            Send(
                place=item.place,
                original=item.original,
                started=item.started,
                state=State.BEGUN,
                safe=item.safe,
            )
            for item in items
        ]
        self._runs.write(self._run, begun)

    def end(self, item: Item, sent: Sent) -> None:
        """Write down what came of a call, soon."""
        if sent.answer.status:
            state = State.ANSWERED
        else:
            state = State.UNKNOWN if sent.left else State.UNSENT
        query = self._hide.query(item.route, item.query)
        self._waiting.append(
            Send(
                place=item.place,
                original=item.original,
                started=item.started,
                state=state,
                route=item.route,
                what=_line(item, query),
                at=now_ms(),
                id=sent.id,
                safe=item.safe,
                before=_bounded(item.before),
                after=_bounded(self._hide(item.route, sent.answer)),
            )
        )
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._write)

    def close(self) -> None:
        """Write what is still to be written. Raises what the file raises."""
        self._write()

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            self._runs.write(self._run, self._waiting)
            # Not before: what could not be written is tried again.
            self._waiting = []


def _bounded(answer: Answer) -> Answer:
    if len(answer.body) <= KEPT:
        return answer
    return msgspec.structs.replace(answer, body=answer.body[:KEPT], cut=True)


def _line(item: Item, query: str) -> str:
    return f"{item.method} {item.path}?{query}" if query else f"{item.method} {item.path}"
