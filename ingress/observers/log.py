"""One log line a request: enough to act on at 3 a.m., findable by request id.

    POST /v1/orders 201 in 12.3 ms (gateway 0.9, queue 3.1, worker 8.3)

Never one per hop, and written in batches: see ``contracts.logs.Lines``. Paths
carry no query, which may hold secrets. A fault of our side tells its detail;
that of a caller's may quote the caller. When no worker said how long it worked
(it never answered, or it does not count) nobody knows where the time went:

    GET /v1/slow 504 deadline in 2000.4 ms (gateway 0.4, queue and worker 2000.0)

The lines are made here, not from a mapping of fields: with everything on, the
line is a part of each request's price.
"""

import time

import msgspec

from contracts import logline
from contracts.logs import Format, Lines
from ingress.flow import Flow

_SERVER_ERROR = 500


class RequestLog:
    """Writes the line of a finished Flow."""

    def __init__(self, form: Format) -> None:
        """Write to what ``logs.configure`` last said."""
        self._lines = Lines()
        self.flush = self._lines.flush
        self._write = _json if form == "json" else self._text

    def __call__(self, flow: Flow) -> None:
        """Write one line; faults of our side as warnings."""
        if flow.plan is not None and not flow.plan.log:
            return
        level = "WARNING" if flow.status >= _SERVER_ERROR else "INFO"
        if self._lines.wants(level):
            self._lines.put(self._write(level, flow))

    def _text(self, level: str, flow: Flow) -> str:
        call = flow.call
        told = "".join(
            (
                logline.fit(_sentence(flow)),
                logline.field("detail", _detail(flow)),
                logline.field("route", flow.route),
                logline.field("client", call.caller.address),
                # Either ours or looked at: it needs no quotes (``request_id.accept``).
                f" request_id={call.id}",
            )
        )
        return self._lines.frame(time.time(), level, told)


class _Line(msgspec.Struct, omit_defaults=True):
    """What a machine wants to know of a request; what is empty is left out."""

    ts: str
    level: str
    msg: str
    request_id: str
    method: str
    path: str
    route: str
    status: int
    code: str = ""
    detail: str = ""
    duration_ms: float | None = None
    gateway_ms: float | None = None
    paused_ms: float | None = None
    waited_ms: float | None = None
    queue_ms: float | None = None
    worker_ms: float | None = None
    attempts: int | None = None
    client: str = ""
    bytes_in: int | None = None
    bytes_out: int | None = None


_encode = msgspec.json.Encoder().encode


def _json(level: str, flow: Flow) -> str:
    call = flow.call
    told = bool(flow.worker)
    line = _Line(
        logline.stamp(time.time()),
        level,
        _sentence(flow),
        call.id,
        call.method,
        call.path,
        flow.route,
        flow.status,
        flow.code,
        _detail(flow),
        _ms(flow.duration),
        _ms(flow.gateway),
        _ms(flow.paused),
        _ms(flow.waited),
        _ms(flow.queued) if told else None,
        _ms(flow.worker) if told else None,
        flow.attempts,
        call.caller.address,
        len(call.body),
        flow.bytes_out,
    )
    try:
        return _encode(line).decode()
    except UnicodeEncodeError:
        # Half a character, which a worker's detail may hold: rather an ugly line than none.
        line.msg, line.detail, line.path = ascii(line.msg), ascii(line.detail), ascii(line.path)
        return _encode(line).decode()


def _ms(seconds: float) -> float:
    """Give milliseconds, exact to the microsecond: that is as good as the clocks are."""
    return int(seconds * 1_000_000 + 0.5) / 1000


def _sentence(flow: Flow) -> str:
    call = flow.call
    if flow.worker and flow.attempts == 1 and flow.fault is None and not flow.answered_by:
        # As nearly all are: in one go, for it is half of the line's price.
        return (
            f"{call.method} {call.path} {flow.status} in {flow.duration * 1000:.1f} ms"
            f" (gateway {flow.gateway * 1000:.1f}, queue {flow.queued * 1000:.1f},"
            f" worker {flow.worker * 1000:.1f})"
        )
    why = f" {flow.code}" if flow.fault else ""
    by = f" by {flow.answered_by}" if flow.answered_by else ""
    text = f"{call.method} {call.path} {flow.status}{why}{by} in {flow.duration * 1000:.1f} ms"
    if not flow.attempts:
        return text
    split = f"gateway {flow.gateway * 1000:.1f}, "
    if flow.worker:
        split += f"queue {flow.queued * 1000:.1f}, worker {flow.worker * 1000:.1f}"
    else:
        accepted = flow.plan is not None and flow.plan.accept
        split += f"{'broker' if accepted else 'queue and worker'} {flow.waited * 1000:.1f}"
    if flow.paused:
        split += f", pauses {flow.paused * 1000:.1f}"
    if flow.attempts > 1:
        split += f", {flow.attempts} attempts"
    return f"{text} ({split})"


def _detail(flow: Flow) -> str:
    return flow.fault.detail if flow.fault and flow.status >= _SERVER_ERROR else ""
