"""What goes back to the client: a finished Flow becomes a status, a header section and a body."""

import time
from email.utils import formatdate
from functools import cache
from http import HTTPStatus
from typing import Final

import msgspec

from contracts.fault import PROBLEM_JSON, Fault
from ingress import fields, request_id
from ingress.flow import Flow

# Statuses whose answers have no body, and no length of one (RFC 9110 section 6.4.1).
_NO_BODY: Final = frozenset({204, 304})
# One that has none and may say so (section 15.3.6).
_EMPTY: Final = frozenset({204, 205, 304})
_LOWEST_FINAL, _HIGHEST = 200, 599
# What ``flow.standing`` says.
_STANDING: Final = ("ratelimit-policy", "ratelimit")


class Answer(msgspec.Struct, frozen=True, gc=False):
    """A response that HTTP can carry.

    ``section`` holds the header fields as they are sent, each with its line end; only the length
    and the state of the connection are not in it.
    """

    status: int
    section: bytes
    body: bytes

    def encode(self, *, head_only: bool, keep_alive: bool) -> bytes:
        """Write it as HTTP/1.1 (RFC 9112); ``head_only`` for the answer to a HEAD."""
        body = self.body
        length = b"" if self.status in _NO_BODY else b"content-length: %d\r\n" % len(body)
        end = b"connection: keep-alive\r\n\r\n" if keep_alive else b"connection: close\r\n\r\n"
        return b"".join(
            (_status_line(self.status), self.section, length, end, b"" if head_only else body)
        )


class Composer:
    """Makes the Answer of a Flow; ``flow.status`` and ``flow.bytes_out`` tell of it after."""

    def __init__(self) -> None:
        self._second = 0
        self._date = b""

    def compose(self, flow: Flow) -> Answer:
        """Answer with the reply, or tell of the fault; a reply that HTTP cannot carry is one."""
        if flow.fault is None:
            reply = flow.reply
            section = _section(reply.headers, flow) if reply else None
            if reply and section is not None and _LOWEST_FINAL <= reply.status <= _HIGHEST:
                return self._answer(flow, reply.status, section, reply.body)
            flow.fault = Fault("bad_reply" if reply else "internal")
        return self._problem(flow, flow.fault)

    def _problem(self, flow: Flow, fault: Fault) -> Answer:
        """Write the problem document (RFC 9457) that tells of a fault."""
        section = (
            (_section(fault.headers, flow) or b"")
            + f"content-type: {PROBLEM_JSON}\r\ncache-control: no-store\r\n".encode()
            + (b"" if fault.retry_after is None else b"retry-after: %d\r\n" % fault.retry_after)
        )
        body = msgspec.json.encode(fault.problem(flow.call.id))
        return self._answer(flow, fault.status, section, body)

    def _answer(self, flow: Flow, status: int, section: bytes, body: bytes) -> Answer:
        if status in _EMPTY:
            body = b""
        flow.status, flow.bytes_out = status, len(body)
        own = f"{request_id.HEADER}: {flow.call.id}\r\n".encode()
        # A stored answer keeps the Date that it came with (RFC 9110 section 6.6.1).
        dated = flow.headers and "date" in [name for name, _ in flow.headers]
        return Answer(status, b"".join((section, own, b"" if dated else self._dated())), body)

    def _dated(self) -> bytes:
        """Give the Date field (RFC 9110 section 6.6.1), made once a second."""
        now = int(time.time())
        if now != self._second:
            self._second = now
            self._date = f"date: {formatdate(now, usegmt=True)}\r\n".encode()
        return self._date


def _section(said: fields.Pairs, flow: Flow) -> bytes | None:
    """Write what the answer says and what the gateway adds to it; ``None`` if any is unfit."""
    ours, standing = flow.headers, flow.standing
    if not ours:
        if not standing:
            return fields.from_worker(said)
        section = fields.from_worker(said, _STANDING)
        return None if section is None else section + standing
    names = tuple([name for name, _ in ours])
    section = fields.from_worker(said, names + _STANDING if standing else names)
    added = fields.from_gateway(ours)
    return None if section is None or added is None else section + added + standing


@cache
def _status_line(status: int) -> bytes:
    """Write the line that an answer begins with; there are 400 statuses at the most."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""  # RFC 9112 section 4: it may be empty, its space may not
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()
