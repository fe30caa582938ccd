"""Records as HAR 1.2, which browsers and other tools open.

Source: the HAR 1.2 specification (http://www.softwareishard.com/blog/har-12-spec/). What HAR has no
word for is in ``_queuegate``, as the specification allows.
"""

import base64
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from ingress.journal.document import document, moment
from ingress.journal.record import Pairs, Record

_NOT_KNOWN: Final = -1
_OWN: Final = (
    "id",
    "route",
    "operation",
    "code",
    "answered_by",
    "attempts",
    "caller",
    "level",
    "cut",
    "redacted",
    "replay_of",
    "run",
)


def write(records: Iterable[Record], base: str) -> Iterator[bytes]:
    """Write a HAR, piece by piece, so that it may be of any size.

    ``base`` is what a URL begins with, ``https://api.example.com``.
    """
    creator = msgspec.json.encode({"name": "queuegate", "version": version("queuegate")})
    yield b'{"log": {"version": "1.2", "creator": ' + creator + b', "entries": [\n'
    for number, record in enumerate(records):
        yield (b",\n" if number else b"") + msgspec.json.encode(entry(record, base))
    yield b"\n]}}\n"


def entry(record: Record, base: str) -> dict[str, Any]:
    """Write one record as an entry. Times are milliseconds."""
    content = record.open
    told = document(record)
    sent = {
        "method": record.method,
        "url": f"{base.rstrip('/')}{record.target}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(content.request_headers),
        "queryString": _pairs(tuple(parse_qsl(content.query, keep_blank_values=True))),
        "headersSize": _NOT_KNOWN,
        "bodySize": record.bytes_in,
    }
    if content.request_body:
        kind = record.header("content-type", "application/octet-stream")
        sent["postData"] = {"mimeType": kind, **_text(content.request_body)}
    return {
        "startedDateTime": moment(record.started),
        "time": record.duration_us / 1000,
        "request": sent,
        "response": {
            "status": record.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs((*content.reply_headers, ("x-request-id", record.id))),
            "content": {
                "size": record.bytes_out,
                "mimeType": record.reply_header("content-type", "application/octet-stream"),
                **_text(content.reply_body),
            },
            "redirectURL": record.reply_header("location"),
            "headersSize": _NOT_KNOWN,
            "bodySize": record.bytes_out,
        },
        "cache": {},
        # Waiting is all that a gateway knows: the connection was the client's.
        "timings": {"send": 0, "wait": record.duration_us / 1000, "receive": 0},
        "clientIPAddress": record.client,
        "_queuegate": {name: told[name] for name in _OWN},
    }


def _pairs(pairs: Pairs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _text(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        # Of requests the specification knows only text; what reads `encoding` there too is served.
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}
