"""Writes into the file of runs what is begun and what has ended, many at once."""

import asyncio
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
        self._barrier: asyncio.Future[None] | None = None

    def __repr__(self) -> str:
        return f"<Ledger of {self._run}, {len(self._waiting)} to write>"

    async def begin(self, item: Item) -> None:
        """Write down that a call is about to be sent; it is written when this returns.

        All that begin in one turn of the loop are written together.
        """
        self._waiting.append(self._send(item, State.BEGUN))
        if self._barrier is None:
            loop = asyncio.get_running_loop()
            self._barrier = loop.create_future()
            loop.call_soon(self._pass)
        await asyncio.shield(self._barrier)

    def end(self, item: Item, sent: Sent) -> None:
        """Write down what came of a call, soon."""
        if sent.answer.status:
            state = State.ANSWERED
        else:
            state = State.UNKNOWN if sent.left else State.UNSENT
        after = _bounded(self._hide(item.route, sent.answer))
        self._waiting.append(
            msgspec.structs.replace(self._send(item, state), id=sent.id, after=after)
        )
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._write)

    def close(self) -> None:
        """Write what is still to be written. Raises what the file raises."""
        self._write()

    def _pass(self) -> None:
        barrier, self._barrier = self._barrier, None
        try:
            self._write()
        except Exception as error:  # noqa: BLE001 - it goes to those who wait
            if barrier is not None and not barrier.done():
                barrier.set_exception(error)
            return
        if barrier is not None and not barrier.done():
            barrier.set_result(None)

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            self._runs.write(self._run, self._waiting)
            # Not before: what could not be written is tried again.
            self._waiting = []

    def _send(self, item: Item, state: State) -> Send:
        query = self._hide.query(item.route, item.query)
        return Send(
            place=item.place,
            original=item.original,
            state=state,
            route=item.route,
            what=f"{item.method} {item.path}?{query}" if query else f"{item.method} {item.path}",
            at=now_ms(),
            safe=item.safe,
            before=_bounded(item.before),
        )


def _bounded(answer: Answer) -> Answer:
    if len(answer.body) <= KEPT:
        return answer
    return msgspec.structs.replace(answer, body=answer.body[:KEPT], cut=True)
