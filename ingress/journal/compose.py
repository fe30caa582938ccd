"""Makes the record of a finished Flow."""

import time
from functools import lru_cache
from typing import Final

import msgspec

from contracts.call import Reply
from contracts.fault import PROBLEM_JSON, Fault
from ingress.flow import Flow
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
        call, plan = flow.call, flow.plan
        recording = (plan.journal if plan else None) or self.otherwise or _PLAIN
        marks: list[str] = []
        cut: list[str] = []
        if recording.level == "full":
            content = _content(flow, recording, marks, cut)
        elif call.query:
            content = Content(recording.redaction.query(call.query, "query", marks))
        else:
            content = EMPTY
        duration = flow.finished - flow.received
        worker, waited, paused = flow.worker, flow.waited, flow.paused
        run, _, repeats = call.replay.partition("/") if call.replay else _NO_REPLAY
        # In the order of the fields, since keywords would cost more than all the rest.
        return Record(
            call.id,
            int((flow.received + self._epoch) * _MS),
            call.method,
            call.path,
            plan.name if plan else "-",
            call.operation,
            flow.status,
            flow.fault.code if flow.fault else "",
            flow.answered_by,
            flow.attempts,
            int(duration * _US),
            int(max(0.0, duration - waited - paused) * _US),
            int(max(0.0, waited - worker) * _US),
            int(worker * _US),
            int(paused * _US),
            call.caller.id,
            call.caller.address,
            recording.level,
            len(call.body),
            flow.bytes_out,
            tuple(cut),
            tuple(marks),
            content,
            "",
            repeats,
            run,
        )

    def is_light(self, flow: Flow) -> bool:
        """Whether the record is made in some microseconds, and written as it is."""
        plan = flow.plan
        recording = (plan.journal if plan else None) or self.otherwise or _PLAIN
        if recording.level == "metadata":
            return not (self.sealed and flow.call.query)
        return len(flow.call.body) + flow.bytes_out <= _SMALL and not self.sealed


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
