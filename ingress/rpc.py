"""Calls over a broker: one reply queue a process, and who waits for which answer.

Every attempt to call has a correlation id of its own, and ends in exactly one
of four ways: a reply, a fault (the broker refused the message or is gone), a
timeout, or cancellation because nobody waits any more. Whichever it is, the
entry is removed in one place.

No task, no timer and no ``wait_for`` per call: a future and two dict entries.
"""

import secrets
from asyncio import AbstractEventLoop, Future, get_running_loop
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from math import ceil

from contracts import cancel
from contracts.brokers.port import TOPIC, Broker, Message, State
from contracts.call import Call, Reply
from contracts.cancel import Cancel
from contracts.dialects.faults import ERROR_CODE
from contracts.fault import Fault
from ingress.alarms import Alarms
from ingress.plan import Target
from ingress.takers import Takers

# "late": the answer to a call that had ended without one. "duplicate": to a
# call that was answered before. "orphan": to none of this process's calls.
# "cancelled": a worker's word that it has given up a call, as it was told to.
OnStray = Callable[[str], None]

_Answer = Future[Message | Fault]

# The ends of the most recent calls, one byte each, at the call's number
# modulo the size: enough to name a stray answer, bounded whatever happens.
_REMEMBERED = 65_536
_GIVEN_UP, _ANSWERED = 0, 1


class Rpc:
    """Sends calls and finds the waiting one for each answer.

    ``Rpc(broker)`` opens the broker's reply queue and watches its state; make
    it before ``broker.start()``. ``on_stray(kind)`` hears of each answer that
    nobody waits for: ``late``, ``duplicate``, ``orphan`` or ``cancelled``; the
    same are counted in the attributes of these names.
    """

    def __init__(self, broker: Broker, *, on_stray: OnStray | None = None) -> None:
        self.late = 0
        self.duplicate = 0
        self.orphan = 0
        self.cancelled = 0
        self._broker = broker
        self._on_stray = on_stray
        self._waiting: dict[str, tuple[int, _Answer, Target]] = {}
        self._takers = Takers()
        self._alarms = Alarms(_time_out)
        self._loop: AbstractEventLoop | None = None
        self._ends = bytearray(_REMEMBERED)
        self._sent = 0
        # Counting is the cheapest way to be unique; the prefix tells this
        # process's ids from those of one that died with the same queue name.
        self._prefix = f"{secrets.token_hex(6)}-"
        self._replies = broker.replies(self._on_message, self._on_refused)
        broker.watch(self._on_state)

    @property
    def pending(self) -> int:
        """How many calls wait for an answer."""
        return len(self._waiting)

    async def send(self, target: Target, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - see module
        """Send one attempt and wait at most ``timeout`` seconds for its answer.

        What goes wrong on the way is a Reply too, with the ``fault`` set:
        ``broker_down``, ``broker_blocked``, ``no_route``, ``busy``,
        ``deadline`` or what the dialect and the worker say. Raises only what
        the dialect raises on a call that it cannot put into a message.
        """
        # Empty while the broker is down, and another name after each reconnect.
        reply_to = self._replies.name
        if not reply_to:
            return Reply.of_fault(Fault("broker_down"))
        number = self._sent = self._sent + 1
        correlation_id = f"{self._prefix}{number:x}"
        message = target.dialect.request(
            call,
            correlation_id=correlation_id,
            reply_to=reply_to,
            expiration_ms=max(1, ceil(timeout * 1000)),
        )
        loop = self._loop or self._begin()
        answer: _Answer = loop.create_future()
        # Before the publish: a broker in memory may answer within it.
        self._waiting[correlation_id] = (number, answer, target)
        bucket = self._alarms.bucket(timeout)
        bucket[number] = answer
        try:
            queue = target.routing_key
            lot = 0 if target.exchange else self._takers.lot(queue, target.operation)
            if lot:
                self._broker.ask(message, queue, lot=lot)
            else:
                self._broker.publish(
                    message,
                    routing_key=queue,
                    exchange=target.exchange,
                    on_outcome=partial(_resolve, answer),
                )
            found = await answer
        except Fault as fault:
            found = fault
        finally:
            del bucket[number]
            if self._waiting.pop(correlation_id, None):
                self._ends[number % _REMEMBERED] = _GIVEN_UP
                if _given_up(answer):
                    self._cancel(call, correlation_id)
        if isinstance(found, Fault):
            if found.code == "deadline":
                self._takers.doubt(target.routing_key)
            return Reply.of_fault(found)
        return target.dialect.reply(found)

    def _begin(self) -> AbstractEventLoop:
        # Once: asyncio asks the kernel for the process's id each time it is asked for the loop.
        self._loop = get_running_loop()
        return self._loop

    def _cancel(self, call: Call, correlation_id: str) -> None:
        """Tell the workers that nobody waits for a call that was sent."""
        message = cancel.write(Cancel(correlation_id, call.deadline))
        # A broker that takes nothing ends the call, or brings it late: both without us.
        with suppress(Fault):
            self._broker.publish(message, routing_key=cancel.topic(call.service), exchange=TOPIC)

    def _on_message(self, message: Message) -> None:
        entry = self._waiting.pop(message.correlation_id, None)
        if entry is None:
            given_up = message.headers.get(ERROR_CODE) == cancel.CODE
            self._stray("cancelled" if given_up else self._kind_of(message.correlation_id))
            return
        number, answer, target = entry
        self._takers.hear(target.routing_key, target.operation, message.headers)
        if answer.done():
            # It ended in this very tick, and its task has not woken up yet.
            self._ends[number % _REMEMBERED] = _GIVEN_UP
            self._stray("late")
            return
        self._ends[number % _REMEMBERED] = _ANSWERED
        answer.set_result(message)

    def _on_refused(self, correlation_id: str, fault: Fault) -> None:
        entry = self._waiting.get(correlation_id)
        if entry is not None:
            _resolve(entry[1], fault)

    def _on_state(self, state: State, _reason: str) -> None:
        """Fail all that wait when the broker is gone: their answers cannot come.

        The reply queue died with the connection. Whether a worker runs the
        call nobody knows, so the retry rule decides.
        """
        if state is State.DOWN:
            self._takers.forget()
            for _, answer, _ in self._waiting.values():
                _resolve(answer, Fault("broker_down", not_run=False))

    def deserted(self, queue: str) -> None:
        """End the calls that wait for a queue from which nobody consumes any more, if they ask so.

        One that a lost worker had may have run; and who comes in time takes it from the queue.
        """
        for _, answer, target in self._waiting.values():
            if target.require_worker and target.routing_key == queue:
                _resolve(answer, Fault("no_worker", "its workers are gone", not_run=False))

    def _kind_of(self, correlation_id: str) -> str:
        """Name an answer that nobody waits for; the id is untrusted."""
        try:
            number = int(correlation_id.removeprefix(self._prefix), 16)
        except ValueError:
            return "orphan"
        if not 0 < number <= self._sent or correlation_id != f"{self._prefix}{number:x}":
            return "orphan"
        remembered = number > self._sent - _REMEMBERED
        answered = remembered and self._ends[number % _REMEMBERED] == _ANSWERED
        return "duplicate" if answered else "late"

    def _stray(self, kind: str) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        if self._on_stray:
            self._on_stray(kind)

    def __repr__(self) -> str:
        strays = f"late={self.late} duplicate={self.duplicate} orphan={self.orphan}"
        return f"<Rpc pending={self.pending} sent={self._sent} {strays}>"


def _resolve(answer: _Answer, fault: Fault | None) -> None:
    if fault is not None and not answer.done():
        answer.set_result(fault)


def _given_up(answer: _Answer) -> bool:
    """Say whether a call was sent and not waited for to its end."""
    if answer.cancelled():
        return True
    found = answer.result() if answer.done() else None
    return isinstance(found, Fault) and found.code == "deadline"


def _time_out(answer: _Answer) -> None:
    _resolve(answer, Fault("deadline"))
