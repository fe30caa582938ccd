"""How a Fault looks on the wire; the same in every dialect of ours.

The code stands in the header ``x-error-code``, the body is a problem document
(RFC 9457) in JSON, whatever the content type of the request was: so a
consumer in any language can report a fault with what it has at hand.
"""

from collections.abc import Mapping
from typing import Any, Final

from contracts.brokers.port import Message
from contracts.codec import pack_json, unpack_json
from contracts.fault import PROBLEM_JSON, Fault

ERROR_CODE: Final = "x-error-code"
WORKER_TIME: Final = "x-worker-us"
# On a worker's answers: its queue takes every message, so nobody need ask for confirms.
TAKES_ALL: Final = "x-takes-all"
# On the same: how many calls its consumers take in one message.
TAKES_BUNDLES: Final = "x-takes-bundles"
ERROR: Final = "err"

# A problem document is small; one that is not has no business here.
MAX_PROBLEM: Final = 64 * 1024


def write_fault(
    fault: Fault, asked: Message, *, worker_us: int | None, headers: Mapping[str, Any]
) -> Message:
    """Turn a fault into the message that reports it; never raises."""
    more: dict[str, Any] = {**headers, ERROR_CODE: fault.code}
    if worker_us is not None:
        more[WORKER_TIME] = worker_us
    return Message(
        body=_document(fault, asked.message_id),
        headers=more,
        content_type=PROBLEM_JSON,
        type=ERROR,
        correlation_id=asked.correlation_id,
        message_id=asked.message_id,
    )


def read_fault(code: str, body: bytes, *, status: int | None = None) -> Fault:
    """Rebuild the fault that a worker reports; never raises.

    ``status`` helps a code of the worker's own when the body is no problem
    document. What makes no sense comes back as ``bad_reply``.
    """
    document: dict[str, Any] = {}
    try:
        value = unpack_json(body, side="bad_reply", max_bytes=MAX_PROBLEM)
        if isinstance(value, dict):
            document = value
    except Fault:
        pass  # the code in the header is enough
    if status is not None:
        document.setdefault("status", status)
    return Fault.from_wire(code, document)


def _document(fault: Fault, request_id: str) -> bytes:
    document = fault.problem(request_id)
    if type(fault.retry_after) is int:
        document["retry_after"] = fault.retry_after
    if fault.not_run:
        document["not_run"] = True
    try:
        return pack_json(document)
    except ValueError:
        # An extension member that JSON cannot carry must not cost the caller the answer.
        for name in fault.extensions:
            document.pop(name, None)
        # Nor may a detail that is an exception, or text that is no Unicode.
        for name in ("detail", "title"):
            if name in document:
                document[name] = str(document[name]).encode(errors="replace").decode()
        return pack_json(document)
