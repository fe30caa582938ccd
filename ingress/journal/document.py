"""A record as plain values, for JSON: what ``--json``, the admin port and exports give."""

import base64
from datetime import UTC, datetime
from typing import Any

from ingress.journal.record import Pairs, Record


def document(record: Record, *, content: bool = True) -> dict[str, Any]:
    """Tell a record as plain values; ``content`` has its headers and bodies too.

    Times are milliseconds. Bodies are text where they are UTF-8, else ``{"base64": ...}``. Headers
    and bodies are left out where they were not recorded, and ``locked`` says that they cannot be
    read without the key.
    """
    told: dict[str, Any] = {
        "id": record.id,
        "started": moment(record.started),
        "started_ms": record.started,
        "method": record.method,
        "path": record.path,
        "query": record.open.query,
        "route": record.route,
        "operation": record.operation,
        "status": record.status,
        "code": record.code,
        "answered_by": record.answered_by,
        "attempts": record.attempts,
        "duration_ms": record.duration_us / 1000,
        "gateway_ms": record.gateway_us / 1000,
        "queue_ms": record.queue_us / 1000,
        "worker_ms": record.worker_us / 1000,
        "paused_ms": record.paused_us / 1000,
        "caller": record.caller,
        "client": record.client,
        "level": record.level,
        "bytes_in": record.bytes_in,
        "bytes_out": record.bytes_out,
        "cut": record.cut,
        "redacted": record.redacted,
        "replay_of": record.replay_of,
        "run": record.run,
    }
    if record.locked:
        told["locked"] = record.key
    elif content and record.level == "full":
        sides = record.open
        told["request"] = _side(sides.request_headers, sides.request_body)
        told["reply"] = _side(sides.reply_headers, sides.reply_body)
    return told


def moment(unix_ms: int) -> str:
    """Write a moment as in RFC 3339, in UTC, with milliseconds."""
    text = datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _side(headers: Pairs, body: bytes) -> dict[str, Any]:
    try:
        text: Any = body.decode()
    except UnicodeDecodeError:
        text = {"base64": base64.b64encode(body).decode()}
    return {"headers": headers, "body": text}
