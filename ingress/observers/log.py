"""One log line a request: enough to act on at 3 a.m., findable by request id.

    POST /v1/orders 201 in 12.3 ms (gateway 0.9, queue 3.1, worker 8.3)

Never one per hop, and written in batches: see ``contracts.logs.Lines``. Paths
carry no query, which may hold secrets. A fault of our side tells its detail;
that of a caller's may quote the caller. When no worker said how long it worked
(it never answered, or it does not count) nobody knows where the time went:

    GET /v1/slow 504 deadline in 2000.4 ms (gateway 0.4, queue and worker 2000.0)
"""

from typing import Any

from contracts.logs import Format, Lines
from ingress.flow import Flow

_SERVER_ERROR = 500


class RequestLog:
    """Writes the line of a finished Flow."""

    def __init__(self, form: Format) -> None:
        """Write to what ``logs.configure`` last said."""
        self._lines = Lines()
        self.flush = self._lines.flush
        # A text line says it all in its sentence; a machine wants fields.
        self._fields = _fields if form == "json" else _marks

    def __call__(self, flow: Flow) -> None:
        """Write one line; faults of our side as warnings."""
        if flow.plan is not None and not flow.plan.log:
            return
        level = "WARNING" if flow.status >= _SERVER_ERROR else "INFO"
        self._lines.write(level, _sentence(flow), self._fields(flow))


def _marks(flow: Flow) -> dict[str, Any]:
    return {
        "detail": _detail(flow),
        "route": flow.route,
        "client": flow.call.caller.address,
        "request_id": flow.call.id,
    }


def _fields(flow: Flow) -> dict[str, Any]:
    call = flow.call
    told = bool(flow.worker)
    return {
        "request_id": call.id,
        "method": call.method,
        "path": call.path,
        "route": flow.route,
        "status": flow.status,
        "code": flow.code,
        "detail": _detail(flow),
        "duration_ms": round(flow.duration * 1000, 3),
        "gateway_ms": round(flow.gateway * 1000, 3),
        "paused_ms": round(flow.paused * 1000, 3),
        "waited_ms": round(flow.waited * 1000, 3),
        "queue_ms": round(flow.queued * 1000, 3) if told else None,
        "worker_ms": round(flow.worker * 1000, 3) if told else None,
        "attempts": flow.attempts,
        "client": call.caller.address,
        "bytes_in": len(call.body),
        "bytes_out": flow.bytes_out,
    }


def _sentence(flow: Flow) -> str:
    call = flow.call
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
    if flow.attempts > 1:
        split += f", pauses {flow.paused * 1000:.1f}, {flow.attempts} attempts"
    return f"{text} ({split})"


def _detail(flow: Flow) -> str:
    return flow.fault.detail if flow.fault and flow.status >= _SERVER_ERROR else ""
