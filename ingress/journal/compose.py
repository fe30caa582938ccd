"""Makes the stored record of a finished Flow."""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import msgspec

from contracts.call import Reply
from contracts.fault import PROBLEM_JSON, Fault
from ingress.flow import Flow
from ingress.journal.entry import Entry
from ingress.journal.record import VERSION, Pairs
from ingress.journal.recording import Recording

# Encrypts the stored content of the record with this id; gives the key's name with it.
Lock = Callable[[str, bytes], tuple[bytes, str]]

# The fields of a ``record.Content``, in order.
_Content = tuple[str, Pairs, bytes, Pairs, bytes]

_US: Final = 1_000_000
_MS: Final = 1000


class Composer:
    """Makes records. ``otherwise`` is for requests that met no route.

    With a ``lock``, what may be nobody's business is encrypted.
    """

    def __init__(self, otherwise: Recording | None, *, lock: Lock | None = None) -> None:
        self.otherwise = otherwise
        self._lock = lock
        self._epoch = _epoch()

    def __repr__(self) -> str:
        return f"<Composer {'with' if self._lock else 'without'} a key>"

    def tick(self) -> None:
        """Compare the clocks again: the Flows' clock does not follow when the other one is set."""
        self._epoch = _epoch()

    def __call__(self, flow: Flow) -> Entry:
        """Make the record of a Flow."""
        plan = flow.plan
        recording = plan.journal if plan is not None else None
        return self._entry(flow, recording or self.otherwise or _PLAIN)

    def at_once(self, flow: Flow) -> Entry | None:
        """Make the record of a Flow if that takes some microseconds; else ``None``."""
        plan, call = flow.plan, flow.call
        recording = (plan.journal if plan is not None else None) or self.otherwise or _PLAIN
        if recording.full:
            if self._lock is not None or len(call.body) + flow.bytes_out > _SMALL:
                return None
        elif self._lock is not None and call.query:
            return None
        return self._entry(flow, recording)

    def _entry(self, flow: Flow, recording: Recording) -> Entry:
        call, plan = flow.call, flow.plan
        marks = cut = _NONE
        content = _NOTHING
        query = call.query
        if recording.full:
            marks, cut = [], []
            content = _content(flow, recording, query, marks, cut)
        elif query:
            marks = []
            content = (recording.redaction.query(query, "query", marks), (), b"", (), b"")
        kept: _Content | bytes = content
        key = ""
        name = call.id
        if self._lock is not None and (recording.full or query):
            kept, key = self._lock(name, _encode(content))
        duration = flow.finished - flow.received
        worker, waited, paused = flow.worker, flow.waited, flow.paused
        started = int((flow.received + self._epoch) * _MS)
        took = int(duration * _US)
        route = plan.name if plan is not None else "-"
        fault = flow.fault
        code = fault.code if fault is not None else ""
        caller = call.caller
        who, address = caller.id, caller.address
        method, status, run, repeats = call.method, flow.status, "", ""
        if call.replay:
            run, _, repeats = call.replay.partition("/")
        # The fields of a `record.Record` in their order, without making one that nobody reads.
        stored = _HEAD + _encode(
            (
                name,
                started,
                method,
                call.path,
                route,
                call.operation,
                status,
                code,
                flow.answered_by,
                flow.attempts,
                took,
                int(max(0.0, duration - waited - paused) * _US),
                int(max(0.0, waited - worker) * _US),
                int(worker * _US),
                int(paused * _US),
                who,
                address,
                recording.level,
                len(call.body),
                flow.bytes_out,
                cut,
                marks,
                kept,
                key,
                repeats,
                run,
                "",  # where a reader finds it
            )
        )
        return Entry(
            name, started, took, route, method, status, code, who or address, repeats, run, stored
        )


# Bytes of both bodies that are looked through in the time of some other requests' system calls.
_SMALL: Final = 4096
_HEAD: Final = bytes([VERSION])
# Stays empty.
_NONE: Final[list[str]] = []
_NOTHING: Final[_Content] = ("", (), b"", (), b"")
_PLAIN: Final = Recording()
_encode: Final = msgspec.msgpack.Encoder().encode


def _content(
    flow: Flow, recording: Recording, query: str, marks: list[str], cut: list[str]
) -> _Content:
    call, redaction, most = flow.call, recording.redaction, recording.max_body
    reply_headers, reply_body = _answer(flow)
    if query:
        query = redaction.query(query, "query", marks)
    request, asked, reply, answer = redaction.exchange(
        (call.headers, call.body), (reply_headers, reply_body), marks
    )
    if len(asked) > most or (call.body and not asked):
        cut.append("request")
        asked = asked[:most]
    if len(answer) > most or (reply_body and not answer):
        cut.append("reply")
        answer = answer[:most]
    return query, request, asked, reply, answer


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
