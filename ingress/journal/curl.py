"""A record as a line for the shell that sends the same request again."""

import base64
import shlex
from collections.abc import Iterator
from typing import Final

from ingress.journal.record import Record

# The length is curl's to say, the host is that of the URL, and it is a request of its own.
_LEFT_OUT: Final = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "x-request-id"}
)


def line(record: Record, base: str) -> str:
    """Give the line; ``base`` is what the URL begins with, ``http://127.0.0.1:8000``."""
    body = record.open.request_body
    words = ["curl", "-sS", "-i", "-g", *_method(record, body=bool(body))]
    for name, value in record.open.request_headers:
        if name not in _LEFT_OUT:
            # curl takes a header without a value for one to be left out.
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    data, before = _data(body)
    words += [*data, f"{base.rstrip('/')}{record.target}"]
    return before + shlex.join(words)


def warnings(record: Record) -> Iterator[str]:
    """Say what keeps the line from being the same request."""
    if record.locked:
        yield f"the record is encrypted with the key {record.key}, which was not given"
    elif record.level != "full":
        yield "headers and body were not recorded: the route's journal is at level metadata"
    taken = [one for one in record.redacted if not one.startswith("reply")]
    if taken:
        yield f"not written down, so fill in yourself: {', '.join(taken)}"
    if "request" in record.cut:
        yield f"the body is not whole: it had {record.bytes_in} bytes"


def _method(record: Record, *, body: bool) -> list[str]:
    if record.method == "HEAD":
        return ["-I"]
    usual = "POST" if body else "GET"
    return [] if record.method == usual else ["-X", record.method]


def _data(body: bytes) -> tuple[list[str], str]:
    """Give curl's words for a body, and what stands before curl for one that no shell can write."""
    if not body:
        return [], ""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        coded = base64.b64encode(body).decode()
        return ["--data-binary", "@-"], f"echo {coded} | base64 -d | "
    # An @ in front would be the name of a file.
    return (["--data-raw", text] if text.startswith("@") else ["--data-binary", text]), ""
