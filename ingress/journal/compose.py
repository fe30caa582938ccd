"""Makes the record of a finished Flow."""

import time
from functools import lru_cache
from typing import Final

import msgspec

from contracts.call import Reply
from contracts.fault import PROBLEM_JSON, Fault
from ingress.flow import Flow
from ingress.journal.entry import Entry, Fields, entry_of
from ingress.journal.record import EMPTY, Content, Pairs, Record
from ingress.journal.recording import Recording

_US: Final = 1_000_000
_MS: Final = 1000


class Composer:
    """Makes records. ``otherwise`` is for requests that met no route.

    ``sealed`` says that what may be nobody's business will be encrypted.
    """

    def __init__(self, otherwise: Recording | None, *, sealed: bool = False) -> None:
        self.otherwise = otherwise
        self.sealed = sealed
        self._epoch = _epoch()

    def tick(self) -> None:
        """Compare the clocks again: the Flows' clock does not follow when the other one is set."""
        self._epoch = _epoch()

    def __call__(self, flow: Flow) -> Record:
        """Make the record."""
        plan = flow.plan
        recording = (plan.journal if plan else None) or self.otherwise or _PLAIN
        return Record(*self._fields(flow, recording))

    def light(self, flow: Flow) -> Entry | None:
        """Make the record, encoded; ``None`` when it takes more than some microseconds.

        So it is with large bodies, and with what is to be encrypted.
        """
        call, plan = flow.call, flow.plan
        recording = (plan.journal if plan else None) or self.otherwise or _PLAIN
        if recording.level == "metadata":
            heavy = self.sealed and bool(call.query)
        else:
            heavy = self.sealed or len(call.body) + flow.bytes_out > _SMALL
        return None if heavy else entry_of(self._fields(flow, recording))

    def _fields(self, flow: Flow, recording: Recording) -> Fields:
        """Give the fields of the record in their order: keywords would cost more than the rest."""
        call, plan = flow.call, flow.plan
        marks: list[str] = []
        cut: list[str] = []
        content = EMPTY
        if recording.level == "full":
            content = _content(flow, recording, marks, cut)
        elif call.query:
            content = Content(recording.redaction.query(call.query, "query", marks))
        duration = flow.finished - flow.received
        worker, waited, paused = flow.worker, flow.waited, flow.paused
        own, queued = duration - waited - paused, waited - worker
        run, _, repeats = call.replay.partition("/") if call.replay else _NO_REPLAY
        caller, fault = call.caller, flow.fault
        return (
            call.id,
            int((flow.received + self._epoch) * _MS),
            call.method,
            call.path,
            plan.name if plan else "-",
            call.operation,
            flow.status,
            fault.code if fault else "",
            flow.answered_by,
            flow.attempts,
            int(duration * _US),
            int(own * _US) if own > 0 else 0,
            int(queued * _US) if queued > 0 else 0,
            int(worker * _US),
            int(paused * _US),
            caller.id,
            caller.address,
            recording.level,
            len(call.body),
            flow.bytes_out,
            tuple(cut) if cut else (),
            tuple(marks) if marks else (),
            content,
            "",
            repeats,
            run,
            "",
        )


# Bytes of both bodies that are looked through in the time of some other requests' system calls.
_SMALL: Final = 4096
_PLAIN: Final = Recording()
_NO_REPLAY: Final = ("", "", "")


def _content(flow: Flow, recording: Recording, marks: list[str], cut: list[str]) -> Content:
    call, redaction, most = flow.call, recording.redaction, recording.max_body
    reply_headers, reply_body = _answer(flow)
    query = redaction.query(call.query, "query", marks)
    request, asked, reply, answer = redaction.exchange(
        (call.headers, call.body), (reply_headers, reply_body), marks
    )
    if len(asked) > most or (call.body and not asked):
        cut.append("request")
    if len(answer) > most or (reply_body and not answer):
        cut.append("reply")
    return Content(query, request, asked[:most], reply, answer[:most])


def _answer(flow: Flow) -> tuple[Pairs, bytes]:
    """Give headers and body that the client got, but for those of the connection."""
    if flow.fault is not None:
        return _problem(flow.fault, flow.call.id)
    reply: Reply | None = flow.reply
    if reply is None:
        return (), b""
    return _lowered(reply.headers), reply.body if flow.bytes_out else b""


@lru_cache(maxsize=256)
def _lowered(headers: Pairs) -> Pairs:
    """Give names in lower case; workers say the same headers again and again."""
    return tuple((name.lower(), value) for name, value in headers)


def _problem(fault: Fault, request_id: str) -> tuple[Pairs, bytes]:
    headers = [*fault.headers, ("content-type", PROBLEM_JSON), ("cache-control", "no-store")]
    if fault.retry_after is not None:
        headers.append(("retry-after", str(fault.retry_after)))
    return tuple(headers), msgspec.json.encode(fault.problem(request_id))


def _epoch() -> float:
    """Give what makes a Flow's clock reading Unix seconds."""
    return time.time() - time.perf_counter()
